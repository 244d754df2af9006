"use strict";

// A form that sends files: they are collected, sent one by one with their progress, and tried again where one got lost.
// Without this script the form sends what is chosen in it all at once.
(() => {
  // What the portal refuses once it refuses again; everything else may get through the next time.
  const REFUSED = [409, 422];
  const queues = new WeakMap();
  const running = new WeakMap();
  const stale = new WeakSet();

  const element = (name, css, text = "") => {
    const made = document.createElement(name);
    if (css) made.className = css;
    if (text) made.textContent = text;
    return made;
  };

  const queueOf = (place) => {
    if (!queues.has(place)) queues.set(place, []);
    return queues.get(place);
  };

  const button = (label, name, work) => {
    const made = element("button", "btn btn-sm", label);
    made.type = "button";
    made.setAttribute("aria-label", `${label} ${name}`);
    made.addEventListener("click", work);
    return made;
  };

  const goOn = (place) => {
    const queue = queueOf(place);
    if (!queue.length || queue.some((item) => item.state !== "sent")) return;
    place.closest("form").removeAttribute("data-guard");
    window.location.assign(place.dataset.uploadDone);
  };

  const draw = (place, item) => {
    const words = place.dataset;
    item.row.replaceChildren(element("span", "upload-name", item.file.name));
    if (item.state === "sending") {
      const bar = element("progress", "upload-bar");
      bar.max = 1;
      bar.value = item.share;
      bar.setAttribute("aria-label", item.file.name);
      item.row.append(bar);
      return;
    }
    const said = { waiting: words.uploadWaiting, sent: words.uploadSent }[item.state] || item.said;
    item.row.append(element("span", item.state === "lost" ? "upload-said field-error" : "upload-said", said));
    if (item.state === "lost" && !item.refused) {
      item.row.append(button(words.uploadAgain, item.file.name, () => send(place, [item])));
    }
    if (item.state !== "sent") {
      item.row.append(
        button(words.uploadRemove, item.file.name, () => {
          queues.set(place, queueOf(place).filter((other) => other !== item));
          item.row.remove();
          goOn(place);
        }),
      );
    }
  };

  const collect = (input) => {
    const place = input.closest("[data-upload]");
    const list = place.querySelector("[data-upload-list]");
    [...input.files].forEach((file) => {
      const row = element("li", "upload-item");
      const item = { file, state: "waiting", asked: false, share: 0, said: "", refused: false, row };
      queueOf(place).push(item);
      list.append(item.row);
      draw(place, item);
    });
    input.value = "";
  };

  const answerOf = (request) => {
    try {
      return JSON.parse(request.responseText);
    } catch {
      return {};
    }
  };

  const asksToSignIn = ({ status, responseURL }) => status === 401 || (status === 200 && responseURL.includes("/login/"));

  // Who signed in again has another token; files that somebody else chose are not sent in their name.
  const signedIn = async (place) => {
    const answer = fetch(window.location.href).then((found) => (found.ok ? found.text() : ""));
    const page = new DOMParser().parseFromString(await answer.catch(() => ""), "text/html");
    const dialog = page.querySelector("#signin-dialog");
    const token = page.querySelector("main [data-upload]")?.closest("form").elements.csrfmiddlewaretoken;
    const mine = document.querySelector("#signin-dialog").dataset.account;
    if (dialog?.dataset.account && dialog.dataset.account !== mine) {
      place.closest("form").removeAttribute("data-guard");
      window.location.replace("/");
      return false;
    }
    if (token) place.closest("form").elements.csrfmiddlewaretoken.value = token.value;
    return true;
  };

  const problem = (place, request) => {
    if (asksToSignIn(request)) return place.dataset.uploadEnded;
    return answerOf(request).detail || place.dataset.uploadLost;
  };

  const clearFault = (field) => {
    field.querySelector("[data-upload-fault]")?.remove();
    field.classList.remove("field-invalid");
    field.querySelectorAll("[aria-invalid]").forEach((control) => {
      control.removeAttribute("aria-invalid");
      control.removeAttribute("aria-errormessage");
    });
  };

  // What is wrong in the rest of the form is said at its field, once for all files.
  const faultAt = (place, name, said) => {
    const controls = [...place.querySelectorAll("[name]")].filter((control) => control.name === name);
    const field = controls[0]?.closest(".field");
    if (!field) return false;
    clearFault(field);
    const fault = element("p", "field-error", said);
    fault.dataset.uploadFault = "";
    fault.setAttribute("role", "alert");
    fault.id = `upload_${name}_error`;
    field.append(fault);
    field.classList.add("field-invalid");
    controls.forEach((control) => {
      control.setAttribute("aria-invalid", "true");
      control.setAttribute("aria-errormessage", fault.id);
    });
    controls[0].focus();
    return true;
  };

  const sendOne = (place, item) =>
    new Promise((resolve) => {
      const form = place.closest("form");
      const body = new FormData(form);
      [...form.querySelectorAll("input[type=file]")].forEach((input) => body.delete(input.name));
      body.append("uploads", item.file, item.file.name);
      const request = new XMLHttpRequest();
      request.open("POST", form.action || window.location.href);
      request.setRequestHeader("X-Upload", "1");
      request.upload.addEventListener("progress", (event) => {
        if (!event.lengthComputable) return;
        item.share = event.loaded / event.total;
        const bar = item.row.querySelector("progress");
        if (bar) bar.value = item.share;
      });
      request.addEventListener("loadend", () => {
        if (asksToSignIn(request) || request.status === 403) stale.add(place);
        const { field, detail } = request.status === 422 ? answerOf(request) : {};
        const elsewhere = Boolean(field) && faultAt(place, field, detail);
        item.state = request.status === 201 ? "sent" : elsewhere ? "waiting" : "lost";
        item.refused = item.state === "lost" && REFUSED.includes(request.status);
        item.said = item.state === "lost" ? problem(place, request) : "";
        draw(place, item);
        resolve(!elsewhere);
      });
      item.state = "sending";
      item.share = 0;
      draw(place, item);
      request.send(body);
    });

  const sendEach = async (place, items) => {
    let goesOn = !stale.delete(place) || (await signedIn(place));
    for (const item of items) {
      if (goesOn && queueOf(place).includes(item)) goesOn = await sendOne(place, item);
      item.asked = false;
    }
    goOn(place);
  };

  // One after the other, also where more is sent or tried again meanwhile.
  const send = (place, chosen) => {
    const items = chosen.filter((item) => !item.asked);
    items.forEach((item) => (item.asked = true));
    running.set(place, (running.get(place) || Promise.resolve()).then(() => sendEach(place, items)));
  };

  document.addEventListener("change", (event) => {
    if (event.target.matches?.("[data-upload] input[type=file]") && event.target.files.length) collect(event.target);
    const field = event.target.closest?.("[data-upload] .field");
    if (field?.querySelector("[data-upload-fault]")) clearFault(field);
  });

  document.addEventListener(
    "submit",
    (event) => {
      const place = event.target.querySelector?.("[data-upload]");
      const all = place ? queueOf(place) : [];
      if (!all.length) return;
      event.preventDefault();
      event.stopPropagation();
      send(place, all.filter((item) => item.state === "waiting" || (item.state === "lost" && !item.refused)));
    },
    true,
  );
})();
