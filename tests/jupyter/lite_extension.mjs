/* Loads the extension as JupyterLite does, with kernels that are played, and prints as JSON what came. */
import { readFileSync } from 'node:fs';

const [script, lite] = process.argv.slice(2);
globalThis.window = globalThis;
globalThis.document = { createElement: () => ({}), head: { append: () => {} } };
(0, eval)(readFileSync(script, 'utf8'));

const registered = [];
const notified = [];
const module = (exports) => ({ 1: { from: '@jupyterlab/application-top', get: async () => () => exports } });
const names = ['@jupyterlab/codemirror', '@jupyterlab/completer', '@codemirror/language', '@lezer/highlight'];
const scope = Object.fromEntries([...names, '@codemirror/state', '@codemirror/view'].map((name) => [name, module({})]));
if (lite) {
  scope['@jupyterlite/services'] = module({ IKernelSpecs: 'IKernelSpecs' });
  scope['@jupyterlab/apputils'] = module({
    Notification: { info: (text, { actions }) => notified.push([text, actions.map(({ label }) => label)]) }
  });
}
window._JUPYTERLAB.smtplab.init(scope);
const { default: plugins } = (await window._JUPYTERLAB.smtplab.get('./extension'))();

/* A Python kernel of pyodide-kernel; `boots` says what its boot comes to. */
const pythonKernel = (boots) => ({
  ready: boots === 'no Pyodide' ? Promise.reject('cannot load pyodide.mjs') : Promise.resolve(),
  executed: [],
  published: [],
  executionCount: 3,
  parentHeader: { msg_id: 'asked' },
  _remoteKernel: {
    execute: async ({ code }, { header }) =>
      boots === 'fails' ? { status: 'error', ename: 'ImportError', evalue: `no smtplab (${header.msg_id})` } : { status: 'ok', code }
  },
  publishExecuteError(error, header) {
    this.published.push([error, header]);
  },
  kernelInfoRequest: async () => ({ implementation: 'pyodide', protocol_version: '5.3', status: 'ok' }),
  executeRequest: async ({ code }) => ({ status: 'ok', executed: code }),
  completeRequest: async () => ({ status: 'ok', matches: ['HELO'] }),
  inspectRequest: async () => ({ status: 'ok', found: true }),
  isCompleteRequest: async () => ({ status: 'complete' })
});

const came = { plugins: plugins.map(({ id }) => id) };
if (lite) {
  let connected;
  const executed = [];
  const app = { commands: { commandExecuted: { connect: (slot) => (connected = slot) }, execute: (id) => executed.push(id) } };
  const specs = { register: (each) => registered.push(each), factories: new Map() };
  plugins[1].activate(app, specs);
  plugins[2].activate(app);
  ['notebook:run-cell', 'notebook:interrupt-kernel', 'kernelmenu:interrupt'].forEach((id) => connected(null, { id }));
  came.notified = notified;
  came.spec = registered[0].spec;
  for (const boots of ['well', 'fails', 'no Pyodide']) {
    const python = pythonKernel(boots);
    specs.factories.set('python', async () => python);
    const kernel = await registered[0].create({});
    came[boots] = {
      info: await kernel.kernelInfoRequest(),
      execute: await kernel.executeRequest({ code: 'NOOP' }),
      complete: await kernel.completeRequest({ code: 'HE', cursor_pos: 2 }),
      inspect: await kernel.inspectRequest({}),
      isComplete: await kernel.isCompleteRequest({}),
      published: python.published
    };
  }
}
console.log(JSON.stringify(came));
