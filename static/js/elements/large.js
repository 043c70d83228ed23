// 大字: chosen on this phone, else as the clerk noted it of the person.

const CHOSEN = "wujin.large";

export function isLarge({ person }) {
  return (localStorage.getItem(CHOSEN) ?? (person.large ? "1" : "0")) === "1";
}

export function enlarge(on) {
  localStorage.setItem(CHOSEN, on ? "1" : "0");
  document.documentElement.classList.toggle("large", on);
}
