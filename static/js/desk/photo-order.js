import { isOurs } from "./keys.js";

/** Pictures in a row that a hand, a finger or the arrow keys bring into order; the form around it is told. */
class PhotoOrder extends HTMLElement {
  connectedCallback() {
    this.list = this.querySelector("ol");
    this.addEventListener("click", (event) => this.#step(event));
    this.addEventListener("pointerdown", (event) => this.#lift(event));
    this.addEventListener("keydown", (event) => this.#key(event));
    for (const item of this.list.children) item.tabIndex = 0;
  }

  #step(event) {
    const button = event.target.closest("button[name=move]");
    if (!button) return;
    event.preventDefault();
    this.#move(button.closest("li"), Number(button.value.split("|")[1]));
    button.focus();
  }

  #key(event) {
    const item = event.target.closest("li");
    const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!way || event.target !== item || !isOurs(event)) return;
    event.preventDefault();
    this.#move(item, way);
    item.focus();
  }

  #move(item, way) {
    const other = way < 0 ? item.previousElementSibling : item.nextElementSibling;
    if (!other) return;
    way < 0 ? other.before(item) : other.after(item);
    this.#tell();
  }

  /** Pointer events, not drag and drop: the latter does not exist under a finger. */
  #lift(event) {
    const item = event.target.closest("li");
    if (!item || event.target.closest("button") || event.button > 0) return;
    const before = [...this.list.children].indexOf(item);
    const over = (move) => {
      const under = document.elementFromPoint(move.clientX, move.clientY)?.closest("li");
      if (!under || under === item || under.parentElement !== this.list) return;
      const items = [...this.list.children];
      items.indexOf(under) < items.indexOf(item) ? under.before(item) : under.after(item);
    };
    const drop = () => {
      removeEventListener("pointermove", over);
      item.classList.remove("lifted");
      if ([...this.list.children].indexOf(item) !== before) this.#tell();
    };
    item.classList.add("lifted");
    addEventListener("pointermove", over);
    addEventListener("pointerup", drop, { once: true });
    addEventListener("pointercancel", drop, { once: true });
  }

  #tell() {
    this.closest("form").dispatchEvent(new Event("photos-moved"));
  }
}

customElements.define("photo-order", PhotoOrder);
