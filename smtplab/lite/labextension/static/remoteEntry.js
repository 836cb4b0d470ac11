(function () {
  window._JUPYTERLAB = window._JUPYTERLAB ?? {};
  window._JUPYTERLAB['smtplab-lite'] = { init: () => {}, get: async () => () => ({ __esModule: true, default: [] }) };
})();
