// Decodes requests with the official Node SDK's protocol definitions. In: lines "METHOD TYPE BASE64". Out: one JSON list of
// { method, type, message, properties }, properties being what the SDK's own deserializer makes of the request's struct.
const path = require("node:path");
const { createRequire } = require("node:module");
const load = createRequire(path.resolve(process.argv[2], "index.js"));
const pulumi = load("@pulumi/pulumi");
const { deserializeProperties } = load("@pulumi/pulumi/runtime");
const { unknownValue } = load("@pulumi/pulumi/runtime/rpc");
const modules = ["resource", "engine", "callback"].map(name => load(`@pulumi/pulumi/proto/${name}_pb`));
modules.push(load("google-protobuf/google/protobuf/empty_pb.js"));

const lines = require("node:fs").readFileSync(0, "utf8").split("\n").filter(line => line);
const decoded = lines.map(line => {
    const [method, type, bytes = ""] = line.split(" ");
    const definition = modules.map(module => module[type]).find(found => found);
    if (!definition) {
        throw new Error(`the official protocol has no ${type}`);
    }
    const message = definition.deserializeBinary(Buffer.from(bytes, "base64"));
    const struct = ["getObject", "getProperties", "getArgs", "getOutputs"].map(get => message[get]?.()).find(found => found);
    return { method, type, message: message.toObject(), properties: struct && readable(deserializeProperties(struct, true)) };
});
console.log(JSON.stringify(decoded));

function readable(value) {
    if (value === unknownValue || value?.__pulumiUnknown) {
        return "<unknown>";
    }
    if (Array.isArray(value)) {
        return value.map(readable);
    }
    if (pulumi.asset.Asset.isInstance(value) || pulumi.asset.Archive.isInstance(value)) {
        return { "<asset>": value.constructor.name };
    }
    if (value && typeof value === "object") {
        if (value["4dabf18193072939515e22adb298388d"] === "1b47061264138c4ac30d75fd1eb44270") {
            return { "<secret>": readable(value.value) };
        }
        return pulumi.Output.isInstance(value) ? "<output>" : Object.fromEntries(Object.entries(value).map(([key, member]) => [key, readable(member)]));
    }
    return value;
}
