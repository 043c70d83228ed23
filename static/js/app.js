// The phone shell's only script: keeps the shell for days without signal, and starts the app.

import "./elements/wujin-app.js";

if ("serviceWorker" in navigator) {
  navigator.serviceWorker.register("/sw.js").then(
    (registration) => (globalThis.wujinWorker = registration),
    () => {}, // refused in some in-app browsers: everything online still works, and so does the outbox
  );
}
