// Translates lines with an exported model in the engine that browsers use.
//
//   node translate.mjs --model-dir DIR --src en --trg it [--no-shortlist] < lines > translations
//
// In: UTF-8 text, one text a line. Out: one translation a line, in the same order.

import { parseArgs } from "node:util";

import { Translator } from "./engine.mjs";
import { readExportedModel } from "./exported_model.mjs";

// The engine sorts the texts of one call by length into batches. Many lines a call is fast, few keep the output flowing.
const LINES_PER_CALL = 200;

/** The lines of a stream, split at "\n" only: other characters that some call a line break are part of a sentence. */
async function* lines(stream) {
  let rest = "";
  for await (const block of stream.setEncoding("utf8")) {
    const parts = (rest + block).split("\n");
    rest = parts.pop();
    yield* parts;
  }
  if (rest) {
    yield rest;
  }
}

async function* grouped(items, size) {
  let group = [];
  for await (const item of items) {
    group.push(item);
    if (group.length === size) {
      yield group;
      group = [];
    }
  }
  if (group.length) {
    yield group;
  }
}

async function main() {
  const { values: args } = parseArgs({
    options: {
      "model-dir": { type: "string" },
      src: { type: "string" },
      trg: { type: "string" },
      "no-shortlist": { type: "boolean", default: false },
    },
  });
  for (const name of ["model-dir", "src", "trg"]) {
    if (args[name] === undefined) {
      throw new Error(`--${name} is missing`);
    }
  }
  const files = readExportedModel(args["model-dir"], { src: args.src, trg: args.trg, shortlist: !args["no-shortlist"] });
  const translator = await Translator.load(files);
  for await (const texts of grouped(lines(process.stdin), LINES_PER_CALL)) {
    const translations = translator.translate(texts).map((translation) => translation.replaceAll("\n", " "));
    process.stdout.write(translations.join("\n") + "\n");
  }
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
