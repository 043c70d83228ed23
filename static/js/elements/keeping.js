// What every screen that writes has in common: 已保存 appears when it is durable, and the reason when it is not.

import { changeActivity } from "../outbox/activities.js";
import { t } from "../words.js";
import { h, toast } from "./dom.js";

const SHOT = "wujin.shot";

/** The visit that a picture is being taken for, should the page die meanwhile. */
export function inHand(id) {
  localStorage.setItem(SHOT, id);
}

/** Did it? Told once. */
export function shotLost({ id }) {
  const lost = localStorage.getItem(SHOT) === id && !document.querySelector("wujin-camera");
  if (lost) inHand("");
  return lost;
}

export class Keeping extends HTMLElement {
  saved = h("p.state.draft.saved", { role: "status" }, t("草稿"));

  async keep(work) {
    try {
      await work();
      this.#say("ok", t("已保存"));
      return true;
    } catch (error) {
      this.notSaved(error);
      return false;
    }
  }

  saveActivity(edit) {
    return this.keep(async () => (this.activity = (await changeActivity(this.app.store, this.activity.id, edit)) ?? this.activity));
  }

  /** While somebody types: not yet kept, and said so; kept at the next pause. */
  typing(keep) {
    this.#say("draft", t("草稿"));
    clearTimeout(this.pause);
    this.pause = setTimeout(keep, 400);
  }

  notSaved(error) {
    const words = error.name === "QuotaExceededError" ? t("没有存下：手机满了，先清出一点空间") : t("没有存下，再点一次试试");
    this.#say("alarm", words);
    toast(words); // the head of a long list is out of sight
  }

  #say(look, words) {
    this.saved.className = `state ${look} saved`;
    this.saved.replaceChildren(words);
  }
}
