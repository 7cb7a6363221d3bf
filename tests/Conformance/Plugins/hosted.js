// A provider of package "hosted" on the official Node SDK's own provider host: resources, a remote component with a child,
// a function and a method.
"use strict";
const pulumi = require("@pulumi/pulumi");
const host = require("@pulumi/pulumi/provider");

class Widget extends pulumi.CustomResource {
    constructor(name, args, options) {
        super("hosted:index:Widget", name, { size: undefined, label: undefined, ...args }, options);
    }
}

class Pair extends pulumi.ComponentResource {
    constructor(name, args, options) {
        super("hosted:index:Pair", name, args, options);
        this.left = new Widget(`${name}-left`, { size: args.size }, { parent: this });
        this.right = new Widget(`${name}-right`, { size: pulumi.output(args.size).apply(size => size * 2) }, { parent: this });
        this.registerOutputs({ total: pulumi.all([this.left.size, this.right.size]).apply(([left, right]) => left + right) });
    }
}

// What goes wrong on purpose.
function provoke(id, inputs) {
    if (inputs.size === 13) {
        throw new Error("13 brings bad luck");
    }
    if (inputs.size === 14) {
        throw Object.assign(new Error("the widget wobbles"), { id, properties: inputs, reasons: ["the widget wobbles"] });
    }
}

const provider = {
    version: "0.1.0",
    async check(urn, olds, news) {
        return news.size < 0 ? { inputs: news, failures: [{ property: "size", reason: "must not be negative" }] } : { inputs: { ...news, label: news.label ?? "unlabelled" } };
    },
    async diff(id, urn, olds, news) {
        const replaces = olds.label !== news.label ? ["label"] : [];
        return { changes: olds.size !== news.size || replaces.length > 0, replaces, deleteBeforeReplace: false, stables: [] };
    },
    async create(urn, inputs) {
        provoke("wobbly", inputs);
        return { id: `widget-${urn.slice(urn.lastIndexOf("::") + 2)}`, outs: { ...inputs, area: inputs.size * inputs.size } };
    },
    async read(id, urn, props) { return { id, props }; },
    async update(id, urn, olds, news) {
        provoke(id, news);
        return { outs: { ...news, area: news.size * news.size } };
    },
    async delete() { },
    async invoke(token, inputs) { return { outputs: { token, doubled: inputs.value * 2 } }; },
    async construct(name, type, inputs, options) {
        const pair = new Pair(name, inputs, options);
        return { urn: pair.urn, state: { left: pair.left, total: pulumi.all([pair.left.size, pair.right.size]).apply(([left, right]) => left + right) } };
    },
    async call(token, inputs) {
        return { outputs: { text: pulumi.interpolate`${inputs.prefix}-${inputs.__self__.urn ?? inputs.__self__}` } };
    },
};

host.main(provider, process.argv.slice(2));
