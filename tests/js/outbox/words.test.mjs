import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import english from "../../../static/js/words/en.js";

const JS = new URL("../../../static/js/", import.meta.url);
const files = ["words.js", ...["elements", "outbox"].flatMap((folder) => readdirSync(new URL(`${folder}/`, JS)).map((name) => `${folder}/${name}`))];
const said = new Set(
  files.flatMap((name) => [...readFileSync(new URL(name, JS), "utf8").matchAll(/\bt\(\s*"([^"]+)"/g)].map(([, text]) => text)),
);

test("every sentence of the phone is said in English too", () => {
  assert.deepEqual([...said].filter((text) => !(text in english)), []);
});

test("no English sentence is left over", () => {
  assert.deepEqual(Object.keys(english).filter((text) => !said.has(text)), []);
});

test("one is not said as many", async () => {
  globalThis.document = { cookie: "lang=en" };
  const { t } = await import("../../../static/js/words.js");
  const said = (visits, photos) => t("{visits}条记录、{photos}张照片", { visits, photos });
  assert.equal(said(1, 2), "1 record and 2 photos");
  assert.equal(said(3, 1), "3 records and 1 photo");
});

test("what is said by number is filled in by it too", () => {
  const by = (text) => [...text.matchAll(/\{(\w+)\|/g)].map(([, name]) => `{${name}}`);
  assert.deepEqual(Object.entries(english).filter(([zh, en]) => !by(en).every((name) => zh.includes(name))), []);
});

test("both languages fill in the same names", () => {
  const names = (text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort().join();
  assert.deepEqual(Object.entries(english).filter(([zh, en]) => names(zh) !== names(en)), []);
});
