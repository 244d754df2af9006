"use strict";
// Requests that are tried out carry the page's CSRF token, for whoever uses the browser's session instead of a token.
(() => {
  const page = document.documentElement;
  page.classList.toggle("dark-mode", page.dataset.bsTheme === "dark");
  const place = document.getElementById("swagger-ui");
  const { "X-CSRFToken": token } = JSON.parse(document.body.getAttribute("hx-headers"));
  SwaggerUIBundle({
    domNode: place,
    url: place.dataset.schema,
    deepLinking: true,
    docExpansion: "none", // two hundred operations: the names of the parts first
    validatorUrl: null,
    presets: [SwaggerUIBundle.presets.apis],
    requestInterceptor: (request) => {
      if (new URL(request.url, location.href).origin === location.origin) request.headers["X-CSRFToken"] = token;
      return request;
    },
  });
})();
