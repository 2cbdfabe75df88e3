// The browser's translation engine (Bergamot compiled to WebAssembly), driven from Node.
//
// The package's own worker is a CommonJS script below a package.json of type "module", which Node refuses to load. A browser loads two
// files of it, the compiled engine and the code that Emscripten made around it, and so does this module. The options are those that
// Firefox gives the engine.

import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { runInThisContext } from "node:vm";

const PACKAGE = "@browsermt/bergamot-translator";

// Bytes at which the engine wants each kind of file aligned in its memory.
const MODEL_ALIGNMENT = 256;
const FILE_ALIGNMENT = 64;

const OPTIONS = {
  "beam-size": 1,
  normalize: 1.0,
  "word-penalty": 0,
  "cpu-threads": 0,
  // 8-bit weights with activations quantized as they come: the models carry no ranges computed beforehand.
  "gemm-precision": "int8shiftAll",
  "skip-cost": true,
  quiet: true,
  "quiet-translation": true,
  "max-length-break": 128,
  "mini-batch-words": 1024,
  workspace: 128,
  "max-length-factor": 2.0,
};

// Firefox offers native 8-bit matrix products under the names on the left. Everywhere else the engine's own take their place.
const MATRIX_PRODUCTS = {
  int8_prepare_a: "int8PrepareAFallback",
  int8_prepare_b: "int8PrepareBFallback",
  int8_prepare_b_from_transposed: "int8PrepareBFromTransposedFallback",
  int8_prepare_b_from_quantized_transposed: "int8PrepareBFromQuantizedTransposedFallback",
  int8_prepare_bias: "int8PrepareBiasFallback",
  int8_multiply_and_add_bias: "int8MultiplyAndAddBiasFallback",
  int8_select_columns_of_b: "int8SelectColumnsOfBFallback",
};

/** The folder of the engine's files; BERGAMOT_MODULES may name the node_modules folder, otherwise it lies beside this module. */
function engineFolder() {
  const here = path.dirname(fileURLToPath(import.meta.url));
  const folder = path.join(process.env.BERGAMOT_MODULES || path.join(here, "node_modules"), PACKAGE, "worker");
  if (!existsSync(folder)) {
    throw new Error(`${folder} does not exist: run \`npm ci\` in ${here}, or name the node_modules folder that has it in BERGAMOT_MODULES`);
  }
  return folder;
}

/** Starts the engine; resolves to Emscripten's module with the engine's classes. `log` gets each line that the engine prints. */
function startEngine(log) {
  const folder = engineFolder();
  const binary = readFileSync(path.join(folder, "bergamot-translator-worker.wasm"));
  const glue = path.join(folder, "bergamot-translator-worker.js");
  return new Promise((resolve, reject) => {
    const module = {
      print: log,
      printErr: log,
      instantiateWasm(imports, accept) {
        const products = Object.entries(MATRIX_PRODUCTS).map(([name, fallback]) => [name, (...args) => module.asm[fallback](...args)]);
        WebAssembly.instantiate(binary, { ...imports, wasm_gemm: Object.fromEntries(products) })
          .then(({ instance }) => accept(instance))
          .catch(reject);
        return {};
      },
      onRuntimeInitialized: () => resolve(module),
    };
    globalThis.Module = module; // where Emscripten's code looks for it
    runInThisContext(readFileSync(glue, "utf8"), { filename: glue });
  });
}

/** Translates with one model. The content of its files goes in, so that where they come from is not the engine's concern. */
export class Translator {
  #module;
  #service;
  #model;

  /**
   * @param {{model: Uint8Array, shortlist: Uint8Array?, vocabs: Uint8Array[]}} files one vocabulary, or two when they are split
   * @returns {Promise<Translator>} rejects with what the engine said about files that it cannot load
   */
  static async load(files) {
    const said = [];
    const module = await startEngine((line) => said.push(line));
    const aligned = (content, alignment) => {
      const memory = new module.AlignedMemory(content.byteLength, alignment);
      memory.getByteArrayView().set(content);
      return memory;
    };
    const translator = new Translator();
    translator.#module = module;
    try {
      const vocabs = new module.AlignedMemoryList();
      for (const vocab of files.vocabs) {
        vocabs.push_back(aligned(vocab, FILE_ALIGNMENT));
      }
      const options = Object.entries(OPTIONS).map(([name, value]) => `${name}: ${value}\n`);
      const shortlist = aligned(files.shortlist ?? new Uint8Array(), FILE_ALIGNMENT);
      translator.#service = new module.BlockingService({ cacheSize: 0 });
      translator.#model = new module.TranslationModel(options.join(""), aligned(files.model, MODEL_ALIGNMENT), shortlist, vocabs, null);
      // Some of the model is prepared, and its mistakes found, only when it is first used.
      translator.translate(["."]);
    } catch (error) {
      // A C++ exception arrives as a bare number; the reason is in what the engine printed.
      const reason = said.find((line) => line.includes("Error: ")) ?? said[0] ?? String(error);
      throw new Error(`the browser's engine cannot load the model: ${reason.replace(/^.*?Error: /, "")}`, { cause: error });
    }
    return translator;
  }

  /**
   * @param {string[]} texts the engine may split each into sentences
   * @returns {string[]} one translation for each text
   */
  translate(texts) {
    const input = new this.#module.VectorString();
    const options = new this.#module.VectorResponseOptions();
    for (const text of texts) {
      input.push_back(text);
      options.push_back({ alignment: false, html: false, qualityScores: false });
    }
    const responses = this.#service.translate(this.#model, input, options);
    const translations = texts.map((_, number) => {
      const response = responses.get(number);
      const translation = response.getTranslatedText();
      response.delete();
      return translation;
    });
    for (const vector of [input, options, responses]) {
      vector.delete();
    }
    return translations;
  }
}
