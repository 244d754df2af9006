"use strict";

(() => {
  const root = document.documentElement;
  root.classList.add("js");
  const dark = window.matchMedia("(prefers-color-scheme: dark)");

  const applyTheme = () => {
    const choice = root.dataset.themeChoice || "auto";
    root.dataset.bsTheme = choice === "auto" ? (dark.matches ? "dark" : "light") : choice;
  };
  applyTheme();
  dark.addEventListener("change", applyTheme);

  const one = (selector, scope = document) => scope.querySelector(selector);
  const all = (selector, scope = document) => [...scope.querySelectorAll(selector)];
  const isTyping = (target) =>
    target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("[data-theme-form]")) return;
    event.preventDefault();
    const button = event.submitter;
    const body = new FormData(form, button);
    root.dataset.themeChoice = button.value;
    applyTheme();
    const glyph = one("svg use", button).getAttribute("href");
    one("summary svg use", form.closest("details")).setAttribute("href", glyph);
    all("button[name=theme]", form).forEach((item) =>
      item.setAttribute("aria-pressed", String(item === button)),
    );
    form.closest("details").open = false;
    await fetch(form.action, { method: "POST", body, redirect: "manual" });
  });

  const sidebar = {
    open() {
      root.classList.add("sidebar-shown");
      one("[data-sidebar-close]")?.focus();
    },
    close() {
      if (!root.classList.contains("sidebar-shown")) return;
      root.classList.remove("sidebar-shown");
      one("[data-sidebar-open]")?.focus();
    },
  };

  const search = {
    box: () => one("[data-global-search]"),
    panel: () => one("#global-search-results"),
    links: () => all("#global-search-results a[href]"),
    clear() {
      search.panel()?.replaceChildren();
    },
    move(event) {
      const scope = event.target.closest(".global-search");
      if (!scope) return false;
      const links = search.links();
      const at = links.indexOf(event.target);
      if (event.key === "Escape" && links.length) {
        search.clear();
        search.box().focus();
        return true;
      }
      if (event.key === "ArrowDown" && links.length) {
        links[Math.min(at + 1, links.length - 1)].focus();
        return true;
      }
      if (event.key === "ArrowUp" && at >= 0) {
        (at === 0 ? search.box() : links[at - 1]).focus();
        return true;
      }
      return false;
    },
  };

  const closeMenus = (except) =>
    all("details.menu[open]").forEach((menu) => {
      if (!menu.contains(except)) menu.open = false;
    });

  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !isTyping(event.target) && search.box()) {
      event.preventDefault();
      search.box().focus();
      search.box().select();
      return;
    }
    if (search.move(event)) {
      event.preventDefault();
      return;
    }
    if (event.key === "Escape") {
      const menu = event.target.closest("details.menu[open]");
      if (menu) {
        menu.open = false;
        one("summary", menu).focus();
      }
      sidebar.close();
    }
  });

  const copyText = async (button) => {
    const source = button.dataset.copy;
    const text = source.startsWith("#") ? one(source).textContent.trim() : source;
    await navigator.clipboard.writeText(text);
    const note = button.dataset.copied;
    if (note) toast(note);
  };

  document.addEventListener("click", (event) => {
    const target = event.target.closest(
      "[data-sidebar-open],[data-sidebar-close],[data-filters-open],[data-print],[data-copy],[data-toast-close],[data-dialog-close]",
    );
    closeMenus(event.target);
    if (!event.target.closest(".global-search")) search.clear();
    if (!target) {
      if (!event.target.closest("#sidebar")) root.classList.remove("sidebar-shown");
      return;
    }
    const data = target.dataset;
    if ("sidebarOpen" in data || "sidebarClose" in data) {
      event.preventDefault();
      "sidebarOpen" in data ? sidebar.open() : sidebar.close();
    }
    if ("filtersOpen" in data) {
      const isOpen = target.form.classList.toggle("is-open");
      target.setAttribute("aria-expanded", String(isOpen));
    }
    if ("print" in data) window.print();
    if ("copy" in data) copyText(target);
    if ("toastClose" in data) target.closest("[data-toast]").remove();
    if ("dialogClose" in data) target.closest("dialog").close();
  });

  const TOAST_MS = 8000;
  const watchToast = (note) => {
    if (note.dataset.toast === "watched") return;
    note.dataset.toast = "watched";
    // A live region speaks of what is put into it, not of what it came with.
    const place = note.parentElement;
    note.remove();
    window.setTimeout(() => place.append(note), 100);
    let timer = 0;
    const start = () => (timer = window.setTimeout(() => note.remove(), TOAST_MS));
    const stop = () => window.clearTimeout(timer);
    ["mouseenter", "focusin"].forEach((name) => note.addEventListener(name, stop));
    ["mouseleave", "focusout"].forEach((name) => note.addEventListener(name, start));
    start();
  };
  const toast = (text) => {
    const note = one("#request-failed")?.content.firstElementChild.cloneNode(true);
    if (!note) return;
    note.classList.remove("toast-failed");
    one(".icon", note).remove();
    one("span", note).textContent = text;
    one("#toasts").append(note);
    watchToast(note);
  };

  const countBulk = (form) => {
    const boxes = all("tbody input[type=checkbox][name]", form);
    const chosen = boxes.filter((box) => box.checked).length;
    all("[data-bulk-count]", form).forEach((place) => (place.textContent = chosen));
    const master = one("[data-select-all]", form);
    if (master) {
      master.checked = chosen > 0 && chosen === boxes.length;
      master.indeterminate = chosen > 0 && chosen < boxes.length;
    }
    form.classList.toggle("has-chosen", chosen > 0);
  };
  document.addEventListener("change", (event) => {
    const form = event.target.closest(".bulk");
    if (!form) return;
    if (event.target.matches("[data-select-all]")) {
      all("tbody input[type=checkbox][name]", form).forEach(
        (box) => (box.checked = event.target.checked),
      );
    }
    countBulk(form);
  });

  const pickers = {
    /* A text of one person a line becomes a box to type in, and a chip for each person. */
    enhance(place) {
      const text = one("textarea", place);
      if (!text || one("[data-picker-box]", place)) return;
      const box = document.createElement("input");
      const chips = document.createElement("ul");
      chips.className = "chips";
      box.className = "form-control";
      box.dataset.pickerBox = "";
      Object.assign(box, { type: "text", name: text.name, autocomplete: "off", id: text.id });
      box.setAttribute("list", place.dataset.list);
      for (const name of ["aria-describedby", "aria-invalid"]) {
        if (text.hasAttribute(name)) box.setAttribute(name, text.getAttribute(name));
      }
      text.removeAttribute("id");
      text.hidden = true;
      text.before(chips, box);
      pickers.draw(place);
    },
    lines: (place) => one("textarea", place).value.split("\n").map((line) => line.trim()).filter(Boolean),
    keep(place, lines) {
      one("textarea", place).value = [...new Set(lines)].join("\n");
      pickers.draw(place);
    },
    draw(place) {
      const chips = pickers.lines(place).map((line) => {
        const item = document.createElement("li");
        const button = document.createElement("button");
        const cross = one("#request-failed").content.querySelector("button svg").cloneNode(true);
        button.type = "button";
        button.className = "chip";
        button.dataset.pickerRemove = line;
        button.setAttribute("aria-label", `${place.dataset.remove} ${line}`);
        cross.removeAttribute("aria-label");
        cross.removeAttribute("role");
        cross.setAttribute("aria-hidden", "true");
        button.append(line, cross);
        item.append(button);
        return item;
      });
      one(".chips", place).replaceChildren(...chips);
    },
    add(box) {
      const place = box.closest("[data-picker]");
      const typed = box.value.toLowerCase().split(/\s+/).filter(Boolean);
      const offered = all("option", box.list)
        .map((option) => option.value)
        .filter((value) => typed.every((word) => value.toLowerCase().includes(word)));
      const line = offered.length === 1 ? offered[0] : box.value.trim();
      if (!line) return;
      box.value = "";
      box.list.replaceChildren();
      pickers.keep(place, [...pickers.lines(place), line]);
    },
  };
  document.addEventListener("input", (event) => {
    const box = event.target;
    const field = box.closest(".field");
    if (field && !box.closest("[data-offers]")) all("[data-offers] input", field).forEach((item) => (item.checked = false));
    if (!box.matches("[data-picker-box]")) return;
    if (all("option", box.list).some((option) => option.value === box.value)) {
      box.list.replaceChildren();
      pickers.add(box);
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches("[data-picker-box]") || !event.target.value.trim()) return;
    event.preventDefault();
    pickers.add(event.target);
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-picker-remove]");
    if (!button) return;
    const place = button.closest("[data-picker]");
    pickers.keep(place, pickers.lines(place).filter((line) => line !== button.dataset.pickerRemove));
    one("[data-picker-box]", place).focus();
  });

  const guarded = new Set();
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-guard]");
    if (form) guarded.add(form);
  });
  document.addEventListener("submit", (event) => guarded.delete(event.target));
  const guardAgain = ({ requestConfig }) => {
    const form = requestConfig.verb === "get" ? null : requestConfig.elt.closest("form[data-guard]");
    if (form) guarded.add(form);
  };
  // What htmx calls successful may be a refusal that is told as a notice beside the form.
  const isNotice = ({ target }) => target?.id === "alerts";
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (isNotice(event.detail)) guardAgain(event.detail);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const { detail, target } = event;
    if (detail.successful && !isNotice(detail) && target.matches("[data-kept]")) guarded.delete(target.closest("form"));
  });
  window.addEventListener("beforeunload", (event) => {
    if ([...guarded].some((form) => form.isConnected && form.matches("[data-guard]"))) event.preventDefault();
  });

  const showFailure = () => {
    const notice = one("#request-failed")?.content.cloneNode(true);
    if (notice) one("#toasts").replaceChildren(notice);
    all("[data-toast]").forEach(watchToast);
  };

  const signin = {
    waiting: [],
    dialog: () => one("#signin-dialog"),
    async ask(detail) {
      const url = detail.xhr.getResponseHeader("X-Signin-Url");
      const dialog = signin.dialog();
      if (!dialog || !url || !url.startsWith("/")) return;
      const config = detail.requestConfig;
      signin.waiting = signin.waiting.filter((item) => item.config.elt !== config.elt);
      signin.waiting.push({ config, target: detail.target });
      if (dialog.open) return;
      dialog.showModal();
      await window.htmx.ajax("GET", url, { target: "#signin-dialog-body", swap: "innerHTML" });
      one("#signin-dialog-body input:not([type=hidden])")?.focus();
    },
    done(xhr) {
      if (xhr.getResponseHeader("X-Account") !== signin.dialog().dataset.account) {
        guarded.clear();
        window.location.replace("/");
        return;
      }
      const token = xhr.getResponseHeader("X-CSRFToken");
      if (token) {
        document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
        all("input[name=csrfmiddlewaretoken]").forEach((input) => (input.value = token));
      }
      signin.dialog().close();
      one("#signin-dialog-body").replaceChildren();
      signin.waiting.splice(0).forEach(({ config, target }) => {
        const swap = config.elt.closest("[hx-swap]")?.getAttribute("hx-swap") || undefined;
        const button = config.triggeringEvent?.submitter;
        const values = button?.name ? { [button.name]: button.value } : {};
        window.htmx.ajax(config.verb, config.path, { source: config.elt, target, swap, values });
      });
    },
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || !form.closest("#signin-dialog-body")) return;
    event.preventDefault();
    window.htmx.ajax("POST", form.action, {
      source: form,
      target: "#signin-dialog-body",
      swap: "innerHTML",
    });
  });
  document.addEventListener("htmx:responseError", (event) => {
    guardAgain(event.detail);
    if (event.detail.xhr.status === 401) signin.ask(event.detail);
    else showFailure();
  });
  document.addEventListener("htmx:sendError", (event) => {
    guardAgain(event.detail);
    showFailure();
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const { elt, xhr } = event.detail;
    if (xhr.status === 204 && elt.closest?.("#signin-dialog-body")) signin.done(xhr);
  });

  const FOUND = "#results .results-line > p, #results .pager-range, #results .empty-state-title";
  document.addEventListener("htmx:afterSwap", (event) => {
    const place = event.detail.target.id === "results" && one("[data-results-said]");
    if (place) place.textContent = one(FOUND)?.textContent.trim() || "";
  });

  // On a telephone the strip of tabs is wider than the screen.
  const showTab = (tab) => {
    const strip = tab?.closest("ul");
    if (strip) strip.scrollLeft = tab.offsetLeft - strip.offsetLeft - (strip.clientWidth - tab.offsetWidth) / 2;
  };

  const settle = (scope) => {
    all("[data-toast]").forEach(watchToast);
    all(".bulk", scope).forEach(countBulk);
    all("[data-picker]", scope).forEach(pickers.enhance);
    all("[data-print]", scope).forEach((button) => (button.hidden = false));
    if (one("#main .error-summary", scope)) all("#main form[data-guard]").forEach((form) => guarded.add(form));
    showTab(one(".tabs a[aria-current]", scope));
    if (scope !== document) one("[data-autofocus]", scope)?.focus();
  };
  document.addEventListener("DOMContentLoaded", () => {
    settle(document);
    one("[data-autofocus]")?.focus();
  });
  document.addEventListener("htmx:load", (event) => {
    if (event.detail.elt !== document.body) settle(event.detail.elt);
  });
})();
