// Small comforts. Every page works without this file.
(() => {
  "use strict";
  const root = document.documentElement;
  const all = (selector, scope = document) => [...scope.querySelectorAll(selector)];
  const recall = (key) => { try { return sessionStorage.getItem(key); } catch { return null; } };
  const remember = (key, value) => { try { sessionStorage.setItem(key, value); } catch { /* private mode */ } };

  // The theme changes at once and is kept in a cookie that the server reads.
  document.addEventListener("change", (event) => {
    if (!event.target.matches('[data-preferences] [name="theme"]')) return;
    const theme = event.target.value;
    if (theme === "auto") root.removeAttribute("data-theme");
    else root.setAttribute("data-theme", theme);
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `theme=${theme}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
  });

  // A bar that is wider than the screen begins at the page that is open.
  all(".nav [aria-current]").forEach((link) => link.scrollIntoView({ block: "nearest", inline: "center" }));

  // Passkeys: options from data-options, the browser's own dialogue, and the answer in the field "credential".
  // Only this call needs script; the form itself goes to the server like any other.
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text64 = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const askPasskey = async (form) => {
    const answer = await fetch(form.dataset.options, { method: "POST", body: new FormData(form) });
    if (!answer.ok) throw new Error(answer.status);
    const options = await answer.json();
    options.challenge = bytes(options.challenge);
    if (options.user) options.user.id = bytes(options.user.id);
    for (const list of ["allowCredentials", "excludeCredentials"]) (options[list] ?? []).forEach((one) => { one.id = bytes(one.id); });
    const made = await navigator.credentials[form.dataset.passkey]({ publicKey: options });
    const response = { clientDataJSON: text64(made.response.clientDataJSON) };
    for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (made.response[part]) response[part] = text64(made.response[part]);
    }
    if (made.response.getTransports) response.transports = made.response.getTransports();
    form.elements.credential.value = JSON.stringify({
      id: made.id, rawId: text64(made.rawId), type: made.type, response,
      authenticatorAttachment: made.authenticatorAttachment, clientExtensionResults: made.getClientExtensionResults(),
    });
    form.submit();
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.dataset.passkey) return;
    event.preventDefault();
    const words = form.querySelector("[data-passkey-error]");
    words.hidden = true;
    askPasskey(form).catch(() => { words.hidden = false; });
  });

  // A form is sent once, whatever the finger does. The server has its own guard.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    // getAttribute, for a field may be called "method".
    if (event.defaultPrevented || form.getAttribute("method")?.toLowerCase() !== "post") return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    setTimeout(() => free(form), 12000); // a download leaves the page standing
    setTimeout(() => all("button[type=submit]:enabled, button:not([type]):enabled", form).forEach((button) => {
      button.disabled = true;
      button.dataset.held = "";
      if (button === event.submitter) button.dataset.busy = "";
    }), 0);
  });
  const free = (form) => {
    delete form.dataset.sent;
    all("button[data-held]", form).forEach((button) => { button.disabled = false; delete button.dataset.busy; delete button.dataset.held; });
  };
  window.addEventListener("pageshow", () => all("form[data-sent]").forEach(free));

  // Menus close by Escape and by a click elsewhere.
  const closeMenus = (except) => all("details.menu[open]").forEach((menu) => { if (menu !== except) menu.open = false; });
  document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = event.target.closest?.("details.menu[open]");
    closeMenus();
    menu?.querySelector("summary").focus();
  });

  const clicks = {
    async copy(button) {
      await navigator.clipboard.writeText(button.dataset.copy);
      const words = button.querySelector("span");
      const before = words.textContent;
      words.textContent = button.dataset.done;
      setTimeout(() => { words.textContent = before; }, 2000);
    },
    step(button) {
      const input = button.parentElement.querySelector("input");
      const before = input.value;
      if (button.dataset.step === "1") input.stepUp(); else input.stepDown();
      if (input.value !== before) input.dispatchEvent(new Event("change", { bubbles: true }));
    },
    print() { window.print(); },
  };
  document.addEventListener("click", (event) => {
    for (const name of Object.keys(clicks)) {
      const button = event.target.closest(`button[data-${name}]`);
      if (button) clicks[name](button);
    }
  });

  // Long forms save themselves to the address in data-autosave.
  const autosave = (form) => {
    const hint = form.querySelector("[data-autosave-hint]");
    const say = (words) => { if (hint) hint.textContent = words; };
    let timer;
    const save = async () => {
      say(hint?.dataset.saving ?? "");
      try {
        const answer = await fetch(form.dataset.autosave, { method: "POST", body: new FormData(form), headers: { "X-Requested-With": "autosave" } });
        if (!answer.ok) throw new Error(answer.status);
        say(`${hint?.dataset.saved ?? ""} ${new Date().toLocaleTimeString(root.lang, { hour: "2-digit", minute: "2-digit" })}`);
      } catch {
        say(hint?.dataset.failed ?? "");
        timer = setTimeout(save, 8000);
      }
    };
    form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(save, 1200); });
    form.addEventListener("submit", () => clearTimeout(timer));
  };

  // Live parts: <div id="…" data-poll="url" data-poll-seconds="4"> is refreshed in place while the page is looked at.
  const poll = (part) => {
    const seconds = Number(part.dataset.pollSeconds || 5);
    let last = null;
    let wait = seconds;
    const again = () => setTimeout(look, wait * 1000);
    const look = async () => {
      if (!part.isConnected) return;
      if (document.hidden || part.contains(document.activeElement)) { again(); return; }
      try {
        const answer = await fetch(part.dataset.poll || location.href, { headers: { "X-Requested-With": "poll" } });
        if (answer.status === 204) return;
        if (!answer.ok) throw new Error(answer.status);
        const text = await answer.text();
        if (text !== last) {
          const page = new DOMParser().parseFromString(text, "text/html");
          const fresh = (part.id && page.getElementById(part.id)) || page.body;
          if (last !== null || fresh.innerHTML.trim() !== part.innerHTML.trim()) {
            const open = all("details[open][id]", part).map((details) => details.id);
            part.replaceChildren(...fresh.childNodes);
            open.forEach((id) => { const details = document.getElementById(id); if (details) details.open = true; });
            prepare(part);
          }
          last = text;
          if (fresh.id === part.id && !fresh.dataset.poll) return;
        }
        wait = seconds;
      } catch { wait = Math.min(wait * 2, 60); }
      again();
    };
    again();
  };

  // What was opened stays open when the page is loaded again.
  const keepOpen = (details) => {
    const key = `open:${location.pathname}#${details.id}`;
    if (recall(key) === "1") details.open = true;
    details.addEventListener("toggle", () => remember(key, details.open ? "1" : "0"));
  };

  // j and k walk the queue of a console; a key named in data-key presses its button. Never while typing.
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input, textarea, select, [contenteditable]")) return;
    if (!document.querySelector(".console")) return;
    const links = all(".queue a");
    const step = { j: 1, k: -1 }[event.key];
    if (step && links.length) {
      const here = links.indexOf(document.activeElement);
      const from = here >= 0 ? here : links.findIndex((link) => link.hasAttribute("aria-current"));
      links[Math.max(0, Math.min(links.length - 1, from + step))].focus();
      event.preventDefault();
      return;
    }
    const button = all("[data-key]").find((each) => each.dataset.key === event.key);
    if (button) { event.preventDefault(); button.focus(); if (!button.matches(".btn-danger")) button.click(); }
  });

  const prepare = (scope) => {
    if (window.PublicKeyCredential) all("form[data-passkey]", scope).forEach((form) => { form.hidden = false; });
    all("[data-copy], [data-step], [data-print]", scope).forEach((button) => { button.hidden = false; });
    all("details[id]:not(.menu)", scope).forEach(keepOpen);
  };
  prepare(document);
  all("form[data-autosave]").forEach(autosave);
  all("[data-poll]").forEach(poll);
  document.querySelector("[data-focus]")?.focus();
})();
