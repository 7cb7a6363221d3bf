// Reads the TypeScript declarations and the JavaScript of a Pulumi npm package. The declarations have names, types and
// what is required; the JavaScript has tokens, defaults, constants, secrets and aliases.
import fs from "node:fs";
import path from "node:path";

/** One npm package of resources. */
export class PackageDeclarations {
    #folder;
    #ts;
    #files = new Map();
    #defaults;

    /** @param folder The package's folder. @param ts The TypeScript compiler. */
    constructor(folder, ts) {
        this.#folder = folder;
        this.#ts = ts;
        this.version = JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8")).version;
        this.inputs = this.#index("types/input.d.ts");
        this.outputs = this.#index("types/output.d.ts");
        this.#defaults = readDefaults(fs.readFileSync(path.join(folder, "types/input.js"), "utf8"));
    }

    /** Declaration and JavaScript of a resource or function of a module, for example core/v1, Namespace. */
    member(module, name) {
        const folder = path.join(this.#folder, module);
        const file = fs.readdirSync(folder).find(entry => entry.toLowerCase() === `${name.toLowerCase()}.d.ts`);
        if (!file) {
            throw new Error(`${module}: there is no ${name} in ${this.#folder} (looked for ${name}.d.ts, ignoring case)`);
        }
        const declarations = new Map();
        this.#source(path.join(module, file)).forEachChild(node => {
            if (node.name?.text && !declarations.has(node.name.text)) {
                declarations.set(node.name.text, node);
            }
        });
        return { declarations, script: fs.readFileSync(path.join(folder, file.replace(/\.d\.ts$/, ".js")), "utf8") };
    }

    /** Members of an enumeration, as pairs of name and value. */
    enumeration(reference) {
        const parts = reference.split(".");
        const name = parts.pop();
        const source = this.#source(path.join("types", "enums", ...parts, "index.d.ts"));
        for (const statement of source.statements) {
            const declaration = this.#ts.isVariableStatement(statement) && statement.declarationList.declarations[0];
            if (declaration && declaration.name.text === name) {
                return declaration.type.members.map(member => [member.name.text, literal(this.#ts, member.type)]);
            }
        }
        throw new Error(`there is no enumeration ${reference}`);
    }

    /** Default values of an input type by member, as JavaScript expressions. */
    defaultsOf(reference) {
        return this.#defaults.get(reference.toLowerCase()) ?? new Map();
    }

    #index(file) {
        const ts = this.#ts;
        const found = new Map();
        const visit = (node, scope) => {
            if (ts.isModuleDeclaration(node)) {
                node.body.statements.forEach(child => visit(child, `${scope}${node.name.text}.`));
            } else if (ts.isInterfaceDeclaration(node)) {
                found.set(scope + node.name.text, node);
            }
        };
        this.#source(file).statements.forEach(node => visit(node, ""));
        return found;
    }

    #source(file) {
        if (!this.#files.has(file)) {
            const text = fs.readFileSync(path.join(this.#folder, file), "utf8");
            this.#files.set(file, this.#ts.createSourceFile(file, text, this.#ts.ScriptTarget.Latest, false));
        }
        return this.#files.get(file);
    }
}

/** What the JavaScript of a resource says beyond its declaration. */
export function readResourceScript(script) {
    const token = /static __pulumiType = '([^']+)'/.exec(script)?.[1] ?? /super\("([a-z-]+)", name/.exec(script)?.[1];
    const facts = {
        token,
        isComponent: /super\([^\n]*true \/\*remote\*\/\)/.test(script),
        isProvider: /extends pulumi\.ProviderResource/.test(script),
        constants: new Map(), defaults: new Map(), secrets: new Set(), json: new Set(),
        secretOutputs: strings(/additionalSecretOutputs: (\[[^\]]*\])/.exec(script)?.[1]),
        replaceOnChanges: strings(/replaceOnChanges: (\[[^\]]*\])/.exec(script)?.[1]),
        aliases: [...(/const aliasOpts = \{ aliases: \[(.*?)\] \};/s.exec(script)?.[1] ?? "").matchAll(/type: "([^"]+)"/g)].map(match => match[1]),
    };
    for (const [, name, text] of script.matchAll(/resourceInputs\["([^"]+)"\] = (.*);/g)) {
        let expression = text;
        const json = /^pulumi\.output\((.*)\)\.apply\(JSON\.stringify\)$/.exec(expression);
        if (json) {
            facts.json.add(name);
            expression = json[1];
        }
        if (/^args\?\.\w+ \? pulumi\.secret\(|^pulumi\.secret\(/.test(expression)) {
            facts.secrets.add(name);
        }
        const fallback = /\(args\?\.\w+\) \?\? ([^)]+\)?)$/.exec(expression)?.[1];
        if (fallback) {
            facts.defaults.set(name, fallback);
        } else if (/^("[^"]*"|true|false|-?[0-9.]+)$/.test(expression)) {
            facts.constants.set(name, JSON.parse(expression));
        }
    }
    return facts;
}

/** Value of a literal type. */
export function literal(ts, type) {
    const text = type.literal.text;
    return ts.isStringLiteral(type.literal) ? text : JSON.parse(text);
}

const strings = text => text ? JSON.parse(text) : [];

/** Defaults that input.js gives: scope.type -> member -> expression. Scopes are nested functions named after modules. */
function readDefaults(script) {
    const found = new Map();
    const pattern = /^( *)(?:\(function \((\w+)\) \{|function (\w+)ProvideDefaults\(val\) \{|(\w+): \(val\.\w+\) \?\? (.*),)$/gm;
    const scopes = [];
    let current;
    for (const [, indent, scope, type, member, expression] of script.matchAll(pattern)) {
        if (scope) {
            while (scopes.length && scopes.at(-1).depth >= indent.length) {
                scopes.pop();
            }
            scopes.push({ depth: indent.length, name: scope });
        } else if (type) {
            while (scopes.length && scopes.at(-1).depth >= indent.length) {
                scopes.pop();
            }
            current = new Map();
            found.set([...scopes.map(entry => entry.name), type].join(".").toLowerCase(), current);
        } else {
            current?.set(member, expression);
        }
    }
    return found;
}
