// Another picture in the place of one: taken again, or with parts of it made unrecognisable.

import { keeps } from "./revise.js";
import { waiting } from "./visits.js";

/** The new picture takes the old one's place, role and caption; `line` says what else is new. In the same transaction
 *  the old bytes leave the phone, unless the station was sent them with an earlier revision. */
export function replacePhoto(store, id, old, picture, line = {}) {
  return store.write(["visits", "photos", "outbox"], async (tx) => {
    const draft = await tx.visits.get(id);
    const place = draft.photos.findIndex((photo) => photo.sha256 === old);
    if (draft.state !== "draft" || place < 0 || draft.photos.some((photo) => photo.sha256 === picture.sha256)) return draft;
    const { role, item, caption } = draft.photos[place];
    draft.photos[place] = { ...draft.photos[place], ...line, role, item, caption, sha256: picture.sha256 };
    if (!keeps(draft.before, old)) await drop(tx, old);
    await tx.photos.put({ sha256: picture.sha256, bytes: picture.bytes, type: picture.type, visit: id });
    await tx.outbox.put(waiting("photo", picture.sha256, id, { size: picture.bytes.byteLength }));
    await tx.visits.put(draft);
    return draft;
  });
}

async function drop(tx, sha256) {
  await tx.photos.delete(sha256);
  await tx.outbox.delete(`photo:${sha256}`);
}
