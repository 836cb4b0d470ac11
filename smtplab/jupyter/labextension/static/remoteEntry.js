/*
 * SMTP in JupyterLab's editors: its colours, in the cells of the SMTP kernel and in files that end in .smtp, and Tab on
 * an empty line of a cell, which shows what may come now.
 *
 * This file is written by hand and loaded as it stands, for it is the container that JupyterLab's module federation
 * expects: nothing has to be built. It uses what JupyterLab 4 shares with every extension, and nothing else.
 *
 * Text is read line by line, as a session is. An editor knows one cell and not those before it, so the lines of a
 * message that goes on from another cell are read as commands.
 *
 * In JupyterLite, which runs wholly in a browser, it also brings the SMTP kernel: a Python kernel whose language becomes
 * SMTP by smtplab/jupyter/lite.py. JupyterLab has no module '@jupyterlite/services', and none of this happens there.
 */
(function () {
  'use strict';

  const MIME_TYPE = 'text/x-smtp';

  // From smtplab's tables, in their order; tests/jupyter/test_labextension.py holds this against them.
  const VOCABULARY = {
    openers: ['telnet', 'connect'],
    verbs: [
      'HELO', 'EHLO', 'MAIL', 'RCPT', 'DATA', 'QUIT', 'RSET', 'VRFY', 'NOOP', 'TURN', 'EXPN', 'HELP', 'SEND', 'SOML', 'SAML'
    ],
    pathWords: ['FROM', 'TO'],
    opensMessage: ['DATA'],
    directives: [
      'state', 'legal', 'why', 'bytes', 'transcript', 'ladder', 'topology', 'chart', 'table', 'hosts',
      'mailbox', 'undo', 'fork', 'switch', 'lab', 'queue', 'clock', 'advance', 'down', 'up', 'fault', 'send', 'raw', 'strict', 'brief', 'cards', 'timeout', 'expect',
      'predict', 'lesson', 'now', 'review', 'order', 'fill', 'hint',
      'student', 'exercise', 'given', 'answer', 'check', 'defend', 'help'
    ],
    takesLines: ['answer']
  };

  const word = (words, before = '') => new RegExp(`^${before}(?:${words.join('|')})(?![^ \\t])`, 'i');
  const OPENER = word(VOCABULARY.openers);
  const VERB = word(VOCABULARY.verbs);
  const PATH_WORD = new RegExp(`^(?:${VOCABULARY.pathWords.join('|')})[ \\t]*:`, 'i');
  const OPENS_MESSAGE = new RegExp(`^(?:${VOCABULARY.opensMessage.join('|')})[ \\t]*$`, 'i');
  const DIRECTIVE = word(VOCABULARY.directives, '%');
  const TAKES_LINES = word(VOCABULARY.takesLines, '%');
  const PARAMETER = /^[A-Za-z0-9][A-Za-z0-9-]*(?:=[^ \t]*)?/; // RFC 5321 4.1.2, esmtp-param
  const CODE = /^[2-5][0-9y][0-9z](?![0-9A-Za-z])/;

  // How each kind of token looks: which of the theme's colours it has, and its letters.
  const BOLD = { fontWeight: 'bold' };
  const LOOKS = {
    tool: ['operator', BOLD], // not for the server
    verb: ['keyword', BOLD],
    pathWord: ['property', {}],
    path: ['string', {}],
    parameter: ['attribute', {}],
    code: ['attribute', {}],
    field: ['property', {}],
    message: ['string-2', {}],
    mark: ['variable', BOLD],
    comment: ['comment', { fontStyle: 'italic' }]
  };
  const INK = 'var(--jp-content-font-color0)';

  /* Some of JupyterLab's colours are too pale to be read well; with some of the ink in them, none is. */
  const color = (name) => `color-mix(in srgb, var(--jp-mirror-editor-${name}-color, ${INK}) 70%, ${INK})`;

  // What may stand where: each reads one token of a line and says what comes next on it.
  const READERS = {
    begin(stream, state) {
      const first = state.first;
      state.first = false;
      if (first && stream.match(/^%%[A-Za-z]\w*/)) {
        state.foreign = stream.current() === '%%smtp' ? '' : 'cell'; // a cell magic: it is in another language
        state.next = 'plain';
        return 'tool';
      }
      if (stream.match(DIRECTIVE)) {
        state.foreign = TAKES_LINES.test(stream.current()) ? 'lines' : ''; // to the next directive
        state.next = 'directive';
        return 'tool';
      }
      if ((state.marked || !state.inMessage) && stream.match(/^[CS]: ?/)) {
        state.marked = true; // a transcript, which says in front of each line who speaks
        state.next = stream.current()[0] === 'S' ? 'reply' : 'command';
        state.inHeader = state.inHeader && !(state.next === 'command' && stream.eol());
        return 'mark';
      }
      return READERS.command(stream, state);
    },

    command(stream, state) {
      if (state.inMessage && !(state.marked && stream.sol())) {
        return READERS.message(stream, state);
      }
      if (stream.match(/^\.[ \t]*$/)) {
        return 'verb'; // the end of a message that began in another cell
      }
      if (stream.match(/^#.*/) || stream.match(/^=+(?: .*)?$/)) {
        return 'comment';
      }
      if (stream.match(OPENER)) {
        state.next = 'plain';
        return 'tool';
      }
      const rest = stream.string.slice(stream.pos);
      if (stream.match(VERB)) {
        state.inMessage = state.inHeader = OPENS_MESSAGE.test(rest);
        state.next = 'argument';
        return 'verb';
      }
      return READERS.plain(stream); // neither a verb nor a directive, and so it has no colour
    },

    argument(stream, state) {
      if (stream.match(PATH_WORD)) {
        state.next = 'path';
        return 'pathWord';
      }
      stream.match(/^[^ \t]+/);
      return null;
    },

    path(stream, state) {
      stream.match(/^<[^>]*>?/) || stream.match(/^[^ \t]+/); // lenient servers take a path without brackets
      state.next = 'parameters';
      return 'path';
    },

    parameters(stream) {
      if (stream.match(PARAMETER)) {
        return 'parameter';
      }
      stream.next();
      return null;
    },

    directive(stream) {
      if (stream.match(CODE)) {
        return 'code';
      }
      stream.match(/^[^ \t]+/);
      return null;
    },

    reply(stream, state) {
      state.next = 'plain';
      return stream.match(CODE) ? 'code' : READERS.plain(stream);
    },

    message(stream, state) {
      if (stream.match(/^\.[ \t]*$/)) {
        state.inMessage = state.inHeader = false;
        return 'verb';
      }
      if (state.inHeader && stream.match(/^[!-9;-~]+:/)) {
        state.next = 'text';
        return 'field';
      }
      state.inHeader = state.inHeader && /^[ \t]+[^ \t]/.test(stream.string); // a folded line goes on
      return READERS.text(stream);
    },

    text(stream) {
      stream.skipToEnd();
      return 'message';
    },

    plain(stream) {
      stream.skipToEnd();
      return null;
    }
  };

  const parser = (table) => ({
    name: 'smtp',
    languageData: { commentTokens: { line: '#' } },
    tokenTable: table,
    startState: () => ({ next: 'begin', first: true, inMessage: false, inHeader: false, marked: false, foreign: '' }),
    copyState: (state) => ({ ...state }),
    blankLine(state) {
      state.first = state.inHeader = false;
    },
    token(stream, state) {
      if (stream.sol()) {
        const ends = state.foreign === 'lines' && stream.match(DIRECTIVE, false);
        state.next = state.foreign && !ends ? 'plain' : 'begin';
      } else if (state.next !== 'text' && stream.eatSpace()) {
        return null;
      }
      return READERS[state.next](stream, state);
    }
  });

  // Where completion can be had, and JupyterLab's command for it.
  const COMPLETER = [
    ['.jp-Notebook', 'completer:invoke-notebook'],
    ['.jp-CodeConsole', 'completer:invoke-console']
  ];

  /* Tab behind a word completes it. On an empty line it would indent, which is of no use in SMTP. */
  const offerOnEmptyLine = (app) => (view) => {
    const { empty, head } = view.state.selection.main;
    const found = COMPLETER.find(([selector]) => view.dom.closest(selector));
    if (!found || !empty || view.state.doc.lineAt(head).text.trim()) {
      return false;
    }
    app.commands.execute(found[1]);
    return true;
  };

  const support = (app, { language, highlight, state, view }) => {
    const kinds = Object.keys(LOOKS).map((kind) => [kind, highlight.Tag.define()]);
    const smtp = language.StreamLanguage.define(parser(Object.fromEntries(kinds)));
    const style = language.HighlightStyle.define(
      kinds.map(([kind, tag]) => ({ tag, color: color(LOOKS[kind][0]), ...LOOKS[kind][1] }))
    );
    const tab = view.keymap.of([{ key: 'Tab', run: offerOnEmptyLine(app) }]);
    return new language.LanguageSupport(smtp, [language.syntaxHighlighting(style), state.Prec.highest(tab)]);
  };

  // In a wide window, the text of a notebook that shows something of ours runs no longer than that in our outputs.
  const NARROW = `
    .jp-Notebook:has([style*="max-width: 52em"], .smtplab-figure) .jp-RenderedMarkdown :is(p, li, blockquote) { max-width: 52em; }
  `;
  const limitLines = () => {
    const sheet = document.createElement('style');
    sheet.textContent = NARROW;
    document.head.append(sheet);
  };

  /* JupyterLab also offers the coloured words of the cell, such as the %now of its task. In SMTP, ask the kernel alone. */
  const offerNoWordsOfTheCell = (completions) => {
    const words = completions?.getProviders().get('CompletionProvider:context');
    if (words) {
      const isApplicable = words.isApplicable.bind(words);
      words.isApplicable = async (context) => context.editor?.model.mimeType !== MIME_TYPE && isApplicable(context);
    }
  };

  const plugin = (modules) => ({
    id: 'smtplab:language',
    description: 'SMTP in editors: colours, and completion on an empty line; lines of text that are easy to read.',
    autoStart: true,
    requires: [modules.registry.IEditorLanguageRegistry],
    optional: [modules.completer.ICompletionProviderManager],
    activate: (app, languages, completions) => {
      limitLines();
      app.restored.then(() => offerNoWordsOfTheCell(completions)); // after all providers are there
      languages.addLanguage({
        name: 'smtp',
        displayName: 'SMTP',
        mime: MIME_TYPE,
        extensions: ['smtp'],
        support: support(app, modules)
      });
    }
  });

  // The SMTP kernel in a browser.

  const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" role="img" aria-label="SMTP">
  <rect x="2" y="2" width="60" height="60" rx="13" fill="#4f5bd5"/>
  <rect x="11" y="19" width="34" height="26" rx="3" fill="none" stroke="#ffffff" stroke-width="4"/>
  <path d="M12 21 28 34 44 21" fill="none" stroke="#ffffff" stroke-width="4" stroke-linejoin="round"/>
  <circle cx="53" cy="43" r="4" fill="#ffffff"/>
</svg>
`;
  const LOGO_URL = `data:image/svg+xml;base64,${btoa(LOGO)}`;

  // As smtplab/jupyter/language_info.py has it; tests/jupyter/test_labextension.py holds this against it.
  const LANGUAGE = {
    name: 'smtp',
    version: 'RFC 5321',
    mimetype: 'text/x-smtp',
    file_extension: '.smtp',
    codemirror_mode: 'smtp',
    pygments_lexer: 'text'
  };

  const BOOT = 'import smtplab.jupyter.lite\nsmtplab.jupyter.lite.boot()\ndel smtplab';
  const BANNER =
    'SMTP, as in RFC 5321. No session is open yet: `telnet mail.adelphia.net 25` opens a session; the hosts here are ' +
    'mail.adelphia.net, mail.lab.example, mail.campus.example. %help says more.';

  /* Return why a Python kernel could not become one for SMTP; empty if it did. It never rejects. */
  async function failureOfBoot(kernel) {
    try {
      await kernel.ready;
      const header = { session: '', msg_id: 'boot', msg_type: 'execute_request' };
      const reply = await kernel._remoteKernel.execute({ code: BOOT }, { header, metadata: {}, content: {} });
      return reply.status === 'ok' ? '' : `${reply.ename}: ${reply.evalue}`;
    } catch (reason) {
      return String(reason?.message ?? reason) || 'unknown';
    }
  }

  /* What the kernel replies where it could not start, so that no cell stays busy. */
  const withoutKernel = (kernel, failure) => {
    const evalue =
      `The SMTP kernel could not start (${failure}). Restart the kernel with Kernel > Restart Kernel; if that does ` +
      'not help, reload the page.';
    const error = { ename: 'KernelNotStarted', evalue, traceback: [evalue] };
    return {
      executeRequest: () => {
        kernel.publishExecuteError(error, kernel.parentHeader);
        return { status: 'error', execution_count: kernel.executionCount, ...error };
      },
      completeRequest: ({ cursor_pos }) => {
        const none = { matches: [], cursor_start: cursor_pos, cursor_end: cursor_pos, metadata: {} };
        return { status: 'ok', ...none };
      },
      inspectRequest: () => ({ status: 'ok', found: false, data: {}, metadata: {} }),
      isCompleteRequest: () => ({ status: 'unknown' })
    };
  };

  /* Make a Python kernel one for SMTP. Its requests wait for that, and end with a sentence if it fails. */
  async function turnToSMTP(kernel) {
    const info = await kernel.kernelInfoRequest();
    kernel.kernelInfoRequest = async () => ({
      ...info,
      implementation: 'smtplab',
      language_info: LANGUAGE,
      banner: BANNER,
      help_links: []
    });
    const booted = failureOfBoot(kernel);
    for (const name of Object.keys(withoutKernel(kernel, ''))) {
      const own = kernel[name].bind(kernel);
      kernel[name] = async (content) => {
        const failure = await booted;
        return failure ? withoutKernel(kernel, failure)[name](content) : own(content);
      };
    }
    return kernel;
  }

  const kernelPlugin = ({ services }) => ({
    id: 'smtplab:kernel',
    description: 'The SMTP kernel in a browser.',
    autoStart: true,
    requires: [services.IKernelSpecs],
    activate: (app, kernelspecs) =>
      kernelspecs.register({
        spec: {
          name: 'smtp',
          display_name: 'SMTP',
          language: 'smtp',
          argv: [],
          resources: { 'logo-svg': LOGO_URL, 'logo-32x32': LOGO_URL, 'logo-64x64': LOGO_URL }
        },
        // The Python kernel is looked up late, so the order of plugins does not matter.
        create: async (options) => turnToSMTP(await kernelspecs.factories.get('python')(options))
      })
  });

  // JupyterLab's commands that interrupt a kernel: the button of a notebook, the menu, the consoles.
  const INTERRUPTS = ['notebook:interrupt-kernel', 'kernelmenu:interrupt', 'console:interrupt-kernel'];
  const INTERRUPT_IS_RESTART =
    'In the browser a running cell cannot be interrupted. Restart the kernel to stop it; then run the cells above again.';

  /* An interrupt does not reach a kernel in a browser. Say so, and offer what does. */
  const interruptPlugin = ({ apputils }) => ({
    id: 'smtplab:interrupt',
    description: 'In a browser, an interrupt is said to be a restart.',
    autoStart: true,
    activate: (app) => {
      app.commands.commandExecuted.connect((_, { id }) => {
        if (INTERRUPTS.includes(id)) {
          const restart = { label: 'Restart', callback: () => app.commands.execute('kernelmenu:restart') };
          apputils.Notification.info(INTERRUPT_IS_RESTART, { actions: [restart], autoClose: false });
        }
      });
    }
  });

  let scope;

  /* Return a module that JupyterLab shares: its own, should another extension bring one, too. */
  async function shared(name) {
    const versions = Object.values(scope[name]);
    const own = versions.find((version) => version.from.startsWith('@jupyterlab/application')) ?? versions[0];
    return (await own.get())();
  }

  async function extension() {
    const modules = {
      registry: await shared('@jupyterlab/codemirror'),
      completer: await shared('@jupyterlab/completer'),
      language: await shared('@codemirror/language'),
      highlight: await shared('@lezer/highlight'),
      state: await shared('@codemirror/state'),
      view: await shared('@codemirror/view')
    };
    const plugins = [plugin(modules)];
    if (scope['@jupyterlite/services']) {
      const lite = { services: await shared('@jupyterlite/services'), apputils: await shared('@jupyterlab/apputils') };
      plugins.push(kernelPlugin(lite), interruptPlugin(lite));
    }
    return () => ({ __esModule: true, default: plugins });
  }

  window._JUPYTERLAB = window._JUPYTERLAB ?? {};
  window._JUPYTERLAB.smtplab = {
    init: (given) => {
      scope = given;
    },
    get: (module) => {
      if (module !== './extension') {
        throw new Error(`smtplab has no module ${module}`);
      }
      return extension();
    }
  };
})();
