"use strict";

// A form that sends files: they are collected, sent one by one with their progress, and tried again where one got lost.
// Without this script the form sends what is chosen in it all at once.
(() => {
  // What the portal refuses once it refuses again; everything else may get through the next time.
  const REFUSED = [409, 422];
  const queues = new WeakMap();

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
    if (queue.length && queue.every((item) => item.state === "sent")) window.location.assign(place.dataset.uploadDone);
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
      const item = { file, state: "waiting", share: 0, said: "", refused: false, row: element("li", "upload-item") };
      queueOf(place).push(item);
      list.append(item.row);
      draw(place, item);
    });
    input.value = "";
  };

  const problem = (place, request) => {
    if (request.status === 401 || (request.status === 200 && request.responseURL.includes("/login/"))) {
      return place.dataset.uploadEnded;
    }
    try {
      return JSON.parse(request.responseText).detail || place.dataset.uploadLost;
    } catch {
      return place.dataset.uploadLost;
    }
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
        item.state = request.status === 201 ? "sent" : "lost";
        item.refused = REFUSED.includes(request.status);
        item.said = item.state === "sent" ? "" : problem(place, request);
        draw(place, item);
        resolve();
      });
      item.state = "sending";
      item.share = 0;
      draw(place, item);
      request.send(body);
    });

  const send = async (place, items) => {
    for (const item of items) await sendOne(place, item);
    goOn(place);
  };

  document.addEventListener("change", (event) => {
    if (event.target.matches?.("[data-upload] input[type=file]") && event.target.files.length) collect(event.target);
  });

  document.addEventListener(
    "submit",
    (event) => {
      const place = event.target.querySelector?.("[data-upload]");
      const all = place ? queueOf(place) : [];
      const queue = all.filter((item) => item.state === "waiting" || (item.state === "lost" && !item.refused));
      if (!all.length) return;
      if (!event.target.querySelector("input[name=category]:checked")) return;
      event.preventDefault();
      event.stopPropagation();
      send(place, queue);
    },
    true,
  );
})();
