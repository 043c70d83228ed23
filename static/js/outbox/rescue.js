// 导出备份: all that this phone still holds, as one zip that the station takes in. Stored, not compressed: photos would
// not shrink. Of each file we keep a Blob, which the browser may move to disk: fifty photos never stand in memory together.

import { t } from "../words.js";

const TEXT = new TextEncoder();
const WRITTEN_BY = [[20, 2], [0x800, 2], [0, 2]]; // zip 2.0, names in UTF-8, stored
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  for (let bit = 0; bit < 8; bit++) byte = byte & 1 ? 0xedb88320 ^ (byte >>> 1) : byte >>> 1;
  return byte;
});

/** Photos and frozen claims with their signatures. Reads only, so a full phone and an ended session do not hinder it.
 *  @returns {Promise<{file: File, claims: number, photos: number, lost: number}>} lost: items whose bytes are gone */
export async function rescue(store, { person, device, instance }, now = new Date()) {
  const [zip, items, lost] = [new Zip(now), [], []];
  for (const item of await store.all("outbox")) {
    const bytes = await bytesOf(store, item).catch(() => null);
    if (!bytes) lost.push(item.key);
    else items.push(line(item, zip.add(nameOf(item), new Uint8Array(bytes))));
  }
  const photos = items.filter(({ kind }) => kind === "photo").length;
  const visits = new Set(items.filter(({ kind }) => kind === "visit").map(({ id }) => id)).size;
  const claims = visits || items.length - photos; // as 待交 counts: an activity is no record more
  const made = { format: "wujin-rescue", version: 1, made_at: now.getTime(), person: person.id, device, instance, items, lost };
  zip.add("manifest.json", TEXT.encode(JSON.stringify(made, null, 1)));
  zip.add("说明.txt", TEXT.encode(explained(person, now, claims, photos)));
  const file = new File([zip.end()], `wujin-${now.toISOString().slice(0, 16).replace(/\D/g, "")}.zip`, { type: "application/zip" });
  return { file, claims, photos, lost: lost.length };
}

async function bytesOf(store, { kind, id, body }) {
  return kind === "photo" ? (await store.get("photos", id))?.bytes : body;
}

function nameOf({ kind, id, revision }) {
  return kind === "photo" ? `photos/${id}.jpg` : `claims/${kind}-${id}-${revision}.json`;
}

function line({ kind, id, revision, digest = id, signature = null, state }, file) {
  return { kind, id, revision, digest, signature, state, file };
}

function explained({ name }, now, claims, photos) {
  return [
    t("这是五进现场的手机备份。"), t("谁的手机：{name}", { name }), t("什么时候导出：{at}", { at: now.toLocaleString() }),
    t("里面有{claims}条记录、{photos}张照片。", { claims, photos }),
    t("把这个文件原样交给站里内勤，内勤在“手机备份”里交上。不要解开，不要改名里的 .zip。"),
    t("里面有照片和走访内容，只交给站里，交完就删掉。"), t("还没点完成的草稿不在里面，手机里的东西都还在。"), "",
  ].join("\r\n");
}

class Zip {
  #parts = [];
  #directory = [];
  #end = 0;

  constructor(now) {
    const [time, day] = [now.getHours() * 2048 + now.getMinutes() * 32, (now.getFullYear() - 1980) * 512 + (now.getMonth() + 1) * 32 + now.getDate()];
    this.stamp = [[time, 2], [day, 2]];
  }

  add(name, bytes) {
    const [title, from] = [TEXT.encode(name), this.#end];
    const about = [...WRITTEN_BY, ...this.stamp, [crc32(bytes), 4], [bytes.length, 4], [bytes.length, 4], [title.length, 2], [0, 2]];
    this.#put(new Blob([packed([0x04034b50, 4], ...about), title, bytes]));
    this.#directory.push(packed([0x02014b50, 4], [20, 2], ...about, [0, 2], [0, 2], [0, 2], [0, 4], [from, 4]), title);
    return name;
  }

  end() {
    const [count, from] = [this.#directory.length / 2, this.#end];
    this.#put(new Blob(this.#directory));
    this.#put(new Blob([packed([0x06054b50, 4], [0, 2], [0, 2], [count, 2], [count, 2], [this.#end - from, 4], [from, 4], [0, 2])]));
    return new Blob(this.#parts);
  }

  #put(part) {
    this.#parts.push(part);
    this.#end += part.size;
  }
}

function packed(...numbers) {
  return Uint8Array.from(numbers.flatMap(([value, size]) => Array.from({ length: size }, (_, place) => Math.floor(value / 256 ** place) % 256)));
}

function crc32(bytes) {
  let crc = -1;
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 255] ^ (crc >>> 8);
  return ~crc >>> 0;
}
