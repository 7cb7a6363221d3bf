// Preloaded into every Node process of these tests: the SDK loads TypeScript and npm's arborist at each start, a second of
// processor time, and uses them only where a function is serialised. They are loaded here at their first use instead, so
// that what runs is the official code, whole, and a run of the suite takes half as long.
"use strict";
const Module = require("module");

const load = Module._load;
const late = new Set(["typescript", "@npmcli/arborist"]);

Module._load = function (request, parent, isMain) {
    if (!late.has(request)) {
        return load.apply(this, arguments);
    }
    let loaded;
    const real = () => (loaded ??= load.call(this, request, parent, isMain));
    return new Proxy(function () {}, {
        // Compiled imports ask this of a module before they use anything of it.
        get: (_, key) => (key === "__esModule" ? true : real()[key]),
        has: (_, key) => key in real(),
        set: (_, key, value) => ((real()[key] = value), true),
        apply: (_, self, args) => Reflect.apply(real(), self, args),
        construct: (_, args) => Reflect.construct(real(), args),
    });
};
