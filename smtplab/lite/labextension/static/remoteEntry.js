/* What the course needs of JupyterLab in a browser: to download all work, and to hear of a newer course. */
(function () {
  'use strict';

  const MARK = 'smtplab_delivered'; // the key that smtplab/lite/contents.py writes into each notebook
  const MARKER = 'smtplab-lite.json';
  const DOWNLOAD = 'smtplab:download-work';

  const TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
    let value = index;
    for (let bit = 0; bit < 8; bit++) {
      value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
    }
    return value;
  });

  const crc32 = (octets) => {
    let crc = 0xffffffff;
    for (const octet of octets) {
      crc = TABLE[(crc ^ octet) & 0xff] ^ (crc >>> 8);
    }
    return (crc ^ 0xffffffff) >>> 0;
  };

  /* Return numbers as octets, the least significant first; each comes with its size. */
  const packed = (...pairs) => pairs.flatMap(([value, size]) => Array.from({ length: size }, (_, at) => (value >>> (8 * at)) & 0xff));

  /* Return files as one zip whose content is not compressed, so that no library is needed (APPNOTE 4.3). */
  function zipped(files, when = new Date()) {
    const time = (when.getHours() << 11) | (when.getMinutes() << 5) | (when.getSeconds() >> 1);
    const date = ((when.getFullYear() - 1980) << 9) | ((when.getMonth() + 1) << 5) | when.getDate();
    const parts = [];
    const directory = [];
    let offset = 0;
    for (const [path, text] of files) {
      const name = new TextEncoder().encode(path);
      const content = new TextEncoder().encode(text);
      const size = content.length;
      const about = [[20, 2], [0x800, 2], [0, 2], [time, 2], [date, 2], [crc32(content), 4], [size, 4], [size, 4], [name.length, 2], [0, 2]];
      const head = packed([0x04034b50, 4], ...about);
      parts.push(Uint8Array.from(head), name, content);
      directory.push(Uint8Array.from(packed([0x02014b50, 4], [20, 2], ...about, [0, 2], [0, 2], [0, 2], [0, 4], [offset, 4])), name);
      offset += head.length + name.length + size;
    }
    const length = directory.reduce((sum, part) => sum + part.length, 0);
    const count = files.length;
    const end = packed([0x06054b50, 4], [0, 2], [0, 2], [count, 2], [count, 2], [length, 4], [offset, 4], [0, 2]);
    return new Blob([...parts, ...directory, Uint8Array.from(end)], { type: 'application/zip' });
  }

  /* Return path and text of each notebook in a folder and in those below. */
  async function notebooks(contents, folder = '') {
    const found = [];
    for (const item of (await contents.get(folder, { content: true, type: 'directory' })).content ?? []) {
      if (item.type === 'directory') {
        found.push(...(await notebooks(contents, item.path)));
      } else if (item.path.endsWith('.ipynb')) {
        const { content } = await contents.get(item.path, { content: true, type: 'notebook', format: 'json' });
        found.push([item.path, JSON.stringify(content, null, 1) + '\n']);
      }
    }
    return found;
  }

  function save(blob, name) {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }

  const downloadPlugin = ({ mainmenu, apputils }) => ({
    id: 'smtplab-lite:download',
    description: 'Download all notebooks as one zip.',
    autoStart: true,
    requires: [mainmenu.IMainMenu],
    optional: [apputils.ICommandPalette],
    activate: (app, menus, palette) => {
      app.commands.addCommand(DOWNLOAD, {
        label: 'Download my work',
        caption: 'Save all notebooks, and download them as one zip to hand in or to keep',
        execute: async () => {
          await app.commands.execute('docmanager:save-all').catch(() => undefined);
          save(zipped(await notebooks(app.serviceManager.contents)), 'smtplab-work.zip');
        }
      });
      menus.fileMenu.addGroup([{ command: DOWNLOAD }], 0);
      palette?.addItem({ command: DOWNLOAD, category: 'File Operations' });
    }
  });

  const newerPlugin = ({ notebook, apputils, coreutils }) => ({
    id: 'smtplab-lite:newer',
    description: 'Tell that the course is newer than a saved notebook.',
    autoStart: true,
    requires: [notebook.INotebookTracker],
    activate: async (app, tracker) => {
      const address = coreutils.URLExt.join(coreutils.PageConfig.getBaseUrl(), MARKER);
      const delivered = await fetch(address, { cache: 'no-cache' }).then((found) => found.json()).catch(() => null);
      if (!delivered) {
        return; // without the server there is no newer course
      }
      const look = async (panel) => {
        await panel.context.ready;
        const { path, model } = panel.context;
        const [mine, now] = [model.getMetadata(MARK), delivered.notebooks[path]];
        if (mine && now && mine !== now) {
          apputils.Notification.info(
            `This site has a newer version of ${path}. Your saved copy is kept and shown. To get the new one, rename ` +
              'your copy, and reload this page.',
            { autoClose: false }
          );
        }
      };
      tracker.forEach(look);
      tracker.widgetAdded.connect((_, panel) => look(panel));
    }
  });

  let scope;

  /* Return a module that JupyterLab shares. */
  async function shared(name) {
    return (await Object.values(scope[name])[0].get())();
  }

  async function extension() {
    const names = ['mainmenu', 'apputils', 'notebook', 'coreutils'];
    const found = await Promise.all(names.map((name) => shared(`@jupyterlab/${name}`)));
    const modules = Object.fromEntries(names.map((name, at) => [name, found[at]]));
    return () => ({ __esModule: true, default: [downloadPlugin(modules), newerPlugin(modules)] });
  }

  window._JUPYTERLAB = window._JUPYTERLAB ?? {};
  window._JUPYTERLAB['smtplab-lite'] = {
    init: (given) => {
      scope = given;
    },
    get: (module) => {
      if (module !== './extension') {
        throw new Error(`smtplab-lite has no module ${module}`);
      }
      return extension();
    }
  };
})();
