// What a page must be for people without a mouse, with large letters, in high contrast or with a screen reader.
// `reach` is read into the page by reach.py; each of its functions returns what is wrong, a line each.
window.reach = (() => {
  const CONTROLS = "a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button]";
  // Names that say nothing when they are read alone.
  const BARE = /^(add|approve|cancel|change|choose|close|confirm|decline|delete|deny|download|edit|end|more|open|remove|revoke|show|undo|view|withdraw|yes|no)$/i;

  const shown = (place) => {
    if (!place.checkVisibility({ visibilityProperty: true, opacityProperty: true })) return false;
    const box = place.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && !waits(place);
  };
  // What is drawn as soon as it has the focus, and not before.
  const waits = (place) => {
    if (/skip-/.test(place.className)) return true;
    for (let box = place; box; box = box.parentElement) {
      if (getComputedStyle(box).clipPath === "inset(50%)") return true;
    }
    return false;
  };
  const markup = (place) => place.outerHTML.replace(/\s+/g, " ").slice(0, 140);
  const middle = (place) => {
    const box = place.getClientRects()[0] || place.getBoundingClientRect();
    const within = (low, high, end) => (Math.max(low, 0) + Math.min(high, end)) / 2;
    return [within(box.left, box.right, innerWidth), within(box.top, box.bottom, innerHeight)];
  };
  const scroller = (place) => {
    for (let box = place.parentElement; box; box = box.parentElement) {
      if (/auto|scroll/.test(getComputedStyle(box).overflowX)) return box;
    }
    return null;
  };

  // "" when the control can be seen and met where it stands now.
  const coveredBy = (place) => {
    const [x, y] = middle(place);
    const top = document.elementFromPoint(x, y);
    if (top === null) return "stands outside the window";
    const label = top.closest("label");
    const itself = place.contains(top) || top.contains(place) && top.closest("a, label") !== null;
    return itself || (label && label.control === place) ? "" : `is covered by ${markup(top).slice(0, 60)}`;
  };

  const cutOff = () => {
    const faults = [];
    for (const place of document.querySelectorAll(CONTROLS)) {
      if (!shown(place)) continue;
      const box = place.getBoundingClientRect();
      place.scrollIntoView({ block: "nearest", inline: "nearest", behavior: "instant" });
      const wider = box.right > innerWidth + 1 || box.left < -1;
      const fault = wider && !scroller(place) ? "is cut off" : coveredBy(place);
      if (fault) faults.push(`${fault}: ${markup(place)}`);
    }
    scrollTo(0, 0);
    return faults;
  };

  // Words of the groups round a control: two groups may have a "Yes" each.
  const groups = (place) => {
    const found = [];
    for (let box = place.parentElement; box; box = box.parentElement) {
      if (box.matches("fieldset, details, [role=group], [role=radiogroup]")) {
        const legend = box.querySelector(":scope > legend, :scope > summary");
        const key = box.getAttribute("aria-labelledby");
        const label = (key && document.getElementById(key)) || legend;
        found.push(box.getAttribute("aria-label") || (label ? label.textContent.trim() : ""));
      }
    }
    return found.join(" / ");
  };
  const target = (place) => {
    if (place.href) return place.href;
    if (place.matches("button, input[type=submit]") && place.type === "submit" && place.form) {
      const sent = [...new FormData(place.form)].filter(([name]) => !/^csrf|^form_token/.test(name));
      return JSON.stringify([place.formAction, place.name, place.value, sent.filter(([, value]) => typeof value === "string")]);
    }
    return null;
  };

  // A row of several; what can be done with the record of the whole page is none.
  const inRow = (place) => place.closest("tr, li") && place.closest("main, #content") && !place.closest(".object-tools");

  const names = () => {
    const faults = [];
    const inForms = new Map();
    const places = new Map();
    axe.setup(document.documentElement);
    for (const place of document.querySelectorAll(CONTROLS)) {
      if (!place.checkVisibility({ visibilityProperty: true }) || place.closest("[aria-hidden=true]")) continue;
      const name = axe.commons.text.accessibleText(place).replace(/\s+/g, " ").trim();
      if (!name) {
        faults.push(`has no name: ${markup(place)}`);
        continue;
      }
      const group = groups(place);
      if (inRow(place) && !group && BARE.test(name)) {
        faults.push(`does not say of what: ${markup(place)}`);
      }
      if (place.form) {
        if (!inForms.has(place.form)) inForms.set(place.form, new Map());
        const said = inForms.get(place.form);
        const presses = place.matches("button, [type=submit], [type=button]");
        const whole = `${group} / ${presses ? "button" : "field"} ${name}`;
        if (said.has(whole)) faults.push(`two in one form are called “${name}”: ${markup(place)}`);
        said.set(whole, place);
      }
      // What a list leads by is a value of its row, such as a day or a name, and two rows may have the same.
      const leads = place.closest("main, #content") && !place.closest("#result_list, .cell-main") ? target(place) : null;
      if (leads) {
        const whole = `${group} / ${name}`;
        if (places.has(whole) && places.get(whole) !== leads) faults.push(`“${name}” leads to two places: ${markup(place)}`);
        places.set(whole, leads);
      }
    }
    axe.teardown();
    return [...new Set(faults)];
  };

  // What Tab stops at, in the order of the document.
  const stops = () => {
    const found = [...document.querySelectorAll(`${CONTROLS}, [tabindex]`)].filter((place) => {
      if (place.tabIndex < 0 || place.disabled || place.closest("[inert]")) return false;
      return place.checkVisibility({ visibilityProperty: true });
    });
    return found.filter((place) => {
      if (place.type !== "radio") return true;
      const group = found.filter((other) => other.type === "radio" && other.name === place.name && other.form === place.form);
      const checked = group.find((other) => other.checked);
      return checked ? place === checked : true;
    });
  };

  const walk = { list: [], at: 0 };
  const begin = (way) => {
    walk.list = stops();
    walk.at = way > 0 ? 0 : walk.list.length - 1;
    walk.list[walk.at].focus();
    return walk.list.length;
  };
  const PARTS = /^(date|time|datetime-local|month|week)$/;
  const ring = (place) => {
    // Within a date the browser itself rings the part that has the focus.
    if (PARTS.test(place.type) && !place.matches(":focus-visible")) return true;
    const style = getComputedStyle(place);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 && style.outlineColor !== style.backgroundColor;
  };
  // Of buttons of which one is chosen Tab stops at one.
  const inGroup = (one, other) => one.type === "radio" && other.type === "radio" && one.name === other.name;

  // After a key: "" or what is wrong; null at the end of the page.
  const step = (way) => {
    const now = document.activeElement;
    if (now === null || now === document.body || now === document.documentElement) return null;
    const before = walk.list[walk.at];
    const found = walk.list.indexOf(now);
    if (now === before && PARTS.test(now.type)) return "";
    if (found < 0) {
      // Chromium stops at what scrolls and has nothing to stop at inside.
      return now.scrollWidth > now.clientWidth || now.scrollHeight > now.clientHeight ? "" : `is not in the order: ${markup(now)}`;
    }
    const between = walk.list.slice(Math.min(walk.at, found) + 1, Math.max(walk.at, found));
    const isNext = Math.sign(found - walk.at) === way && between.every((other) => inGroup(other, before) || inGroup(other, now));
    if (isNext) {
      walk.at = found;
    } else if ((way > 0 && found === 0) || (way < 0 && found === walk.list.length - 1)) {
      return null;
    } else {
      const trapped = now === before ? "holds the focus" : "is out of order";
      walk.at = found;
      return `${trapped}: ${markup(now)}`;
    }
    const covered = coveredBy(now);
    if (covered) return `has the focus and ${covered}: ${markup(now)}`;
    return ring(now) ? "" : `has the focus and shows no ring: ${markup(now)}`;
  };

  // In forced colours: what is chosen, main or done differs by more than a background that is gone.
  const look = (place, part) => {
    const style = getComputedStyle(place, part);
    return [style.color, style.backgroundColor, style.borderBottomColor, style.borderBottomWidth, style.borderBottomStyle].join();
  };
  const contrast = () => {
    const faults = [];
    const same = (one, other, words) => {
      if (look(one) === look(other)) faults.push(`${words}: ${markup(one)}`);
    };
    for (const tabs of document.querySelectorAll(".tabs")) {
      const chosen = tabs.querySelector("a[aria-current]");
      const other = tabs.querySelector("a:not([aria-current])");
      if (chosen && other) same(chosen, other, "the chosen tab looks like the others");
    }
    for (const main of document.querySelectorAll(".btn-primary:not(:disabled)")) {
      const plain = document.createElement(main.tagName);
      plain.className = "btn";
      if (main.href) plain.href = main.href;
      main.after(plain);
      same(main, plain, "the main button looks like the others");
      plain.remove();
    }
    for (const main of document.querySelectorAll(".submit-row input.default")) {
      const other = main.parentElement.querySelector("input:not(.default)");
      if (other) same(main, other, "the main button looks like the others");
    }
    for (const bar of document.querySelectorAll(".stepbar")) {
      const looks = new Map();
      for (const kind of ["done", "current", "todo", "refused"]) {
        const mark = bar.querySelector(`.step-${kind} .step-mark`);
        if (!mark) continue;
        if (looks.has(look(mark))) faults.push(`a step that is ${kind} looks like one that is ${looks.get(look(mark))}`);
        looks.set(look(mark), kind);
      }
    }
    const canvas = getComputedStyle(document.body).backgroundColor;
    for (const place of document.querySelectorAll(".side-link[aria-current]")) {
      const bar = getComputedStyle(place, "::before").backgroundColor;
      if (bar === canvas || bar === "rgba(0, 0, 0, 0)") faults.push(`the current place has no mark: ${markup(place)}`);
    }
    return faults;
  };

  return { cutOff, names, begin, step, contrast };
})();
