// The files of an exported model, found and unpacked as a browser does it: by name, and from their gzipped copies.

import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";

/** The unpacked content of FOLDER/NAME.gz; throws an Error that names the file. */
function unpacked(folder, name) {
  const file = path.join(folder, `${name}.gz`);
  try {
    return gunzipSync(readFileSync(file));
  } catch (error) {
    throw new Error(`${file}: ${error.message}`, { cause: error });
  }
}

/**
 * @param {string} folder where the exported files lie
 * @param {{src: string, trg: string, shortlist: boolean}} options languages, and whether to load the shortlist
 * @returns {{model: Uint8Array, shortlist: Uint8Array?, vocabs: Uint8Array[]}}
 */
export function readExportedModel(folder, { src, trg, shortlist }) {
  const pair = `${src}${trg}`;
  const split = existsSync(path.join(folder, `srcvocab.${pair}.spm.gz`));
  const vocabs = split ? [`srcvocab.${pair}.spm`, `trgvocab.${pair}.spm`] : [`vocab.${pair}.spm`];
  return {
    model: unpacked(folder, `model.${pair}.intgemm8.bin`),
    shortlist: shortlist ? unpacked(folder, `lex.50.50.${pair}.s2t.bin`) : null,
    vocabs: vocabs.map((name) => unpacked(folder, name)),
  };
}
