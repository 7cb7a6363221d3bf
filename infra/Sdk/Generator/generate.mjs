#!/usr/bin/env node
// Generates the typed resources of infra/Sdk from the official npm declarations. See README.md beside this file.
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { collect } from "./src/collect.mjs";
import { emit } from "./src/csharp.mjs";
import { PackageDeclarations } from "./src/declarations.mjs";

const help = `Usage: node infra/Sdk/Generator/generate.mjs [--check] [--modules FOLDER]
Writes the C# of every resource that the list files (infra/Sdk/Generator/lists/*.json) name, and of every type these reach,
into the project of each list. To use one more resource, add its name to a list and run this command.
  --check           writes nothing; exit code 1 and the names of the files that differ, if any
  --modules FOLDER  the node_modules that has the official packages; tests/Conformance/node_modules if not given`;

const here = import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname);
const options = parse(process.argv.slice(2));
const require = createRequire(path.join(options.modules, "index.js"));
const ts = require("typescript");

let different = 0;
for (const file of fs.readdirSync(path.join(here, "lists")).sort()) {
    const list = JSON.parse(fs.readFileSync(path.join(here, "lists", file), "utf8"));
    const declarations = new PackageDeclarations(path.join(options.modules, list.package), ts);
    const reached = collect(ts, declarations, list);
    const files = emit({ ...list, defaultsOf: reference => declarations.defaultsOf(reference) }, reached, declarations.version);
    const folder = path.resolve(here, list.output);
    const changed = options.check ? compare(folder, files) : write(folder, files);
    different += changed.length;
    changed.forEach(name => console.log(`${options.check ? "differs: " : ""}${path.relative(process.cwd(), path.join(folder, name))}`));
    console.log(`${list.package} ${declarations.version}: ${reached.resources.length} resources, ${reached.functions.length} functions, `
        + `${reached.inputs.size} input types, ${reached.outputs.size} output types, ${reached.enums.size} enumerations; ${changed.length} files changed`);
}
process.exitCode = options.check && different > 0 ? 1 : 0;

function parse(args) {
    const parsed = { check: false, modules: path.resolve(here, "../../../tests/Conformance/node_modules") };
    for (let i = 0; i < args.length; i++) {
        if (args[i] === "--check") {
            parsed.check = true;
        } else if (args[i] === "--modules" && args[i + 1]) {
            parsed.modules = path.resolve(args[++i]);
        } else {
            console.log(help);
            process.exit(args[i] === "--help" ? 0 : 2);
        }
    }
    if (!fs.existsSync(path.join(parsed.modules, "typescript"))) {
        console.error(`The official packages are not installed in ${path.relative(process.cwd(), parsed.modules)}: run npm ci --ignore-scripts beside it.`);
        process.exit(2);
    }
    return parsed;
}

/** Names of files that differ from, are missing in, or are too many in the folder. */
function compare(folder, files) {
    const present = fs.existsSync(folder) ? fs.readdirSync(folder) : [];
    const read = name => fs.readFileSync(path.join(folder, name), "utf8");
    return [...new Set([...present, ...files.keys()])].filter(name => !present.includes(name) || files.get(name) !== read(name)).sort();
}

function write(folder, files) {
    const changed = compare(folder, files);
    fs.mkdirSync(folder, { recursive: true });
    for (const name of changed) {
        if (files.has(name)) {
            fs.writeFileSync(path.join(folder, name), files.get(name));
        } else {
            fs.rmSync(path.join(folder, name));
        }
    }
    return changed;
}
