// On a phone the menu starts closed: the page itself comes first. Without script it stays open, and usable.
const menu = document.querySelector(".menu");
const wide = matchMedia("(min-width: 64em)");
const fit = () => { menu.open = wide.matches; };
if (menu) {
  fit();
  wide.addEventListener("change", fit);
}
