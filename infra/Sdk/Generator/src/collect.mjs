// From the list file to everything it reaches: resources, functions, and their input types, output types and enumerations.
import { readResourceScript } from "./declarations.mjs";
import { readProperties, visitReferences } from "./types.mjs";

/** Collects what a list file asks for. */
export function collect(ts, declarations, list) {
    const reached = { resources: [], functions: [], inputs: new Map(), outputs: new Map(), enums: new Map() };
    const follow = (properties, side) => properties.forEach(property => visitReferences(property.type, type => {
        if (type.kind === "enum") {
            reached.enums.set(type.path, reached.enums.get(type.path) ?? declarations.enumeration(type.path));
            return;
        }
        if (reached[side].has(type.path)) {
            return;
        }
        const declaration = declarations[side].get(type.path);
        if (!declaration) {
            throw new Error(`${type.path} is not declared in types/${side.slice(0, -1)}.d.ts`);
        }
        const members = readProperties(ts, declaration);
        reached[side].set(type.path, members);
        follow(members, side);
    }));

    for (const [module, names] of Object.entries(list.modules)) {
        for (const name of names) {
            const { declarations: declared, script } = declarations.member(module, name);
            try {
                if (/^[a-z]/.test(name)) {
                    const found = readFunction(ts, declared, script, module, name);
                    reached.functions.push(found);
                    follow(found.inputs, "inputs");
                    follow(found.outputs, "outputs");
                } else {
                    const found = readResource(ts, declared, script, module, name);
                    reached.resources.push(found);
                    follow(found.inputs, "inputs");
                    follow(found.outputs, "outputs");
                }
            } catch (error) {
                throw new Error(`${module}: ${name}: ${error.message}`, { cause: error });
            }
        }
    }
    return reached;
}

function readResource(ts, declared, script, module, name) {
    const args = declared.get(`${name}Args`);
    return {
        ...readResourceScript(script), module, name,
        inputs: args ? readProperties(ts, args) : [],
        outputs: readProperties(ts, declared.get(name)),
    };
}

function readFunction(ts, declared, script, module, name) {
    const title = name[0].toUpperCase() + name.slice(1);
    const args = declared.get(`${title}Args`);
    const result = declared.get(`${title}Result`);
    return {
        module, name: title, token: /runtime\.invoke\("([^"]+)"/.exec(script)[1], hasArgs: Boolean(args),
        inputs: args ? readProperties(ts, args) : [],
        outputs: result ? readProperties(ts, result) : [],
    };
}
