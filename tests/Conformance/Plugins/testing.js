// A provider of package "testing" that speaks the wire protocol itself, so that tests see every request as it is sent.
// Its cloud is a folder (TESTING_CLOUD): one JSON file a resource, and requests.jsonl with what the engine asked for.
// Inputs steer it: `immutable` replaces when it changes, `immutableFirst` deletes before; `fail`, `initFail` and `crash`
// name the operation that is to go wrong; everything else is stored as it comes.
"use strict";
const fs = require("fs");
const path = require("path");
const grpc = require("@grpc/grpc-js");
const { Any } = require("google-protobuf/google/protobuf/any_pb");
const { Empty } = require("google-protobuf/google/protobuf/empty_pb");
const { Struct } = require("google-protobuf/google/protobuf/struct_pb");
const provider = require("@pulumi/pulumi/proto/provider_pb");
const services = require("@pulumi/pulumi/proto/provider_grpc_pb");
const plugin = require("@pulumi/pulumi/proto/plugin_pb");
const { Status } = require("@pulumi/pulumi/proto/status_pb");

const signature = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const cloud = process.env.TESTING_CLOUD;
fs.mkdirSync(cloud, { recursive: true });

let configuration = {};
let packageName = "testing";
let working = 0;

const js = message => (message ? message.toJavaScript() : {});
const struct = value => Struct.fromJavaScript(value);
const secret = value => ({ [signature]: secretSignature, value });
const isSecret = value => value !== null && typeof value === "object" && value[signature] === secretSignature;
const plain = value => {
    if (isSecret(value)) { return plain(value.value); }
    if (Array.isArray(value)) { return value.map(plain); }
    return value !== null && typeof value === "object" ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, plain(v)])) : value;
};
const same = (a, b) => JSON.stringify(plain(a ?? null)) === JSON.stringify(plain(b ?? null));
const isMap = value => value !== null && typeof value === "object" && !Array.isArray(value) && !value[signature];

// Paths at which two maps differ, with the kind of difference (0 added, 2 deleted, 4 changed).
function differences(prefix, olds, news) {
    const found = [];
    for (const key of new Set([...Object.keys(olds), ...Object.keys(news)])) {
        const at = prefix ? `${prefix}.${key}` : key;
        if (isMap(olds[key]) && isMap(news[key])) {
            found.push(...differences(at, olds[key], news[key]));
        } else if (!same(olds[key], news[key])) {
            found.push([at, olds[key] === undefined ? 0 : news[key] === undefined ? 2 : 4]);
        }
    }
    return found;
}

const file = id => path.join(cloud, id + ".json");
const log = entry => fs.appendFileSync(path.join(cloud, "requests.jsonl"), JSON.stringify({ package: packageName, process: process.pid, ...entry }) + "\n");
const nameOf = urn => urn.slice(urn.lastIndexOf("::") + 2);

function failure(message, id, properties) {
    const metadata = new grpc.Metadata();
    if (id) {
        const detail = new provider.ErrorResourceInitFailed();
        detail.setId(id);
        detail.setProperties(struct(properties));
        detail.setReasonsList([message]);
        const any = new Any();
        any.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
        const status = new Status();
        status.setCode(grpc.status.UNKNOWN);
        status.setMessage(message);
        status.addDetails(any);
        metadata.add("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
    }
    return Object.assign(new Error(message), { code: grpc.status.UNKNOWN, details: message, metadata });
}

// What goes wrong on purpose.
function provoke(operation, inputs) {
    if (plain(inputs.crash) === operation) { process.exit(7); }
    if (plain(inputs.fail) === operation) { throw failure(`${operation} was told to fail`); }
}

function outputsOf(id, inputs, preview) {
    return { ...inputs, computed: preview ? unknown : `computed-${id}`, ...(inputs.makeSecret ? { made: preview ? unknown : secret(`made-secret-${id}`) } : {}) };
}

function store(id, type, inputs, outputs) {
    fs.writeFileSync(file(id), JSON.stringify({ type, inputs, outputs }));
}

const wait = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds ?? 0));

const methods = {
    getPluginInfo() {
        const info = new plugin.PluginInfo();
        info.setVersion("1.0.0");
        return info;
    },
    attach: () => new Empty(),
    cancel() { log({ method: "cancel" }); return new Empty(); },
    handshake(request) {
        log({ method: "handshake", engine: request.getEngineAddress() !== "", root: request.getRootDirectory(), configureWithUrn: request.getConfigureWithUrn() });
        const response = new provider.ProviderHandshakeResponse();
        response.setAcceptSecrets(true);
        response.setAcceptResources(true);
        response.setAcceptOutputs(true);
        return response;
    },
    parameterize(request) {
        const value = request.getValue();
        packageName = value.getName();
        log({ method: "parameterize", name: packageName, version: value.getVersion(), value: Buffer.from(value.getValue_asB64(), "base64").toString() });
        const response = new provider.ParameterizeResponse();
        response.setName(packageName);
        response.setVersion(value.getVersion());
        return response;
    },
    checkConfig(request) {
        log({ method: "checkConfig", urn: request.getUrn(), news: js(request.getNews()) });
        const response = new provider.CheckResponse();
        response.setInputs(request.getNews());
        return response;
    },
    diffConfig(request) {
        const [olds, news] = [js(request.getOldInputs()), js(request.getNews())];
        const changed = [...new Set([...Object.keys(olds), ...Object.keys(news)])].filter(key => key !== "version" && !same(olds[key], news[key]));
        const response = new provider.DiffResponse();
        response.setChanges(changed.length ? 2 : 1);
        response.setDiffsList(changed);
        response.setReplacesList(changed.filter(key => key === "region"));
        return response;
    },
    configure(request) {
        configuration = js(request.getArgs());
        log({ method: "configure", urn: request.getUrn(), id: request.getId(), args: configuration });
        if (plain(configuration.region) === "nowhere") { throw failure("there is no region 'nowhere'"); }
        const response = new provider.ConfigureResponse();
        response.setAcceptsecrets(true);
        response.setAcceptresources(true);
        response.setAcceptoutputs(true);
        response.setSupportspreview(true);
        return response;
    },
    check(request) {
        const [olds, news] = [js(request.getOlds()), js(request.getNews())];
        log({ method: "check", urn: request.getUrn(), olds, news });
        const response = new provider.CheckResponse();
        if (news.invalid) {
            const problem = new provider.CheckFailure();
            problem.setProperty("invalid");
            problem.setReason("it must not be given");
            response.addFailures(problem);
        }
        if (request.getType() === "testing:index:Named" && news.name === undefined) {
            // An automatic name: kept for as long as the resource lives.
            news.name = olds.name ?? `${nameOf(request.getUrn())}-${Buffer.from(request.getRandomseed_asU8()).toString("hex").slice(0, 7)}`;
        }
        response.setInputs(struct(news));
        return response;
    },
    diff(request) {
        const [olds, news] = [js(request.getOldInputs()), js(request.getNews())];
        const ignored = request.getIgnorechangesList();
        log({ method: "diff", urn: request.getUrn(), id: request.getId(), olds: js(request.getOlds()), oldInputs: olds, news, ignoreChanges: ignored });
        const changed = [...new Set([...Object.keys(olds), ...Object.keys(news)])].filter(key => !same(olds[key], news[key]) && !ignored.includes(key));
        const replaces = changed.filter(key => key.startsWith("immutable") || (request.getType() === "testing:index:Named" && key === "name"));
        const response = new provider.DiffResponse();
        response.setChanges(changed.length ? 2 : 1);
        response.setDiffsList(changed);
        response.setReplacesList(replaces);
        response.setDeletebeforereplace(replaces.includes("immutableFirst"));
        if (news.shallow === undefined) {
            response.setHasdetaileddiff(true);
            for (const [at, kind] of differences("", olds, news)) {
                const key = at.split(/[.[]/)[0];
                if (changed.includes(key)) {
                    const detail = new provider.PropertyDiff();
                    detail.setKind(kind + (replaces.includes(key) ? 1 : 0));
                    detail.setInputdiff(true);
                    response.getDetaileddiffMap().set(at, detail);
                }
            }
        }
        return response;
    },
    async create(request) {
        const inputs = js(request.getProperties());
        log({ method: "create", urn: request.getUrn(), preview: request.getPreview(), timeout: request.getTimeout(), inputs, region: configuration.region });
        const response = new provider.CreateResponse();
        if (request.getPreview()) {
            response.setProperties(struct(outputsOf("", inputs, true)));
            return response;
        }
        if (inputs.delay !== undefined) { log({ method: "working", urn: request.getUrn(), at: ++working }); }
        await wait(plain(inputs.delay));
        if (inputs.delay !== undefined) { working--; }
        provoke("create", inputs);
        const id = `${nameOf(request.getUrn())}-${Math.random().toString(16).slice(2, 10)}`.replace(/[^\w-]/g, "_");
        const outputs = outputsOf(id, inputs, false);
        store(id, request.getType(), inputs, outputs);
        if (plain(inputs.initFail) === "create") { throw failure(`${id} did not get ready`, id, outputs); }
        response.setId(id);
        response.setProperties(struct(outputs));
        return response;
    },
    read(request) {
        log({ method: "read", urn: request.getUrn(), id: request.getId(), inputs: js(request.getInputs()), timeout: request.getTimeout() });
        const response = new provider.ReadResponse();
        if (!fs.existsSync(file(request.getId()))) { return response; }
        const found = JSON.parse(fs.readFileSync(file(request.getId()), "utf8"));
        provoke("read", found.inputs);
        response.setId(request.getId());
        response.setInputs(struct(found.inputs));
        response.setProperties(struct(found.outputs));
        return response;
    },
    async update(request) {
        const [olds, news] = [js(request.getOldInputs()), js(request.getNews())];
        log({ method: "update", urn: request.getUrn(), id: request.getId(), preview: request.getPreview(), timeout: request.getTimeout(), olds, news, ignoreChanges: request.getIgnorechangesList() });
        const id = request.getId();
        const outputs = { ...outputsOf(id, news, false) };
        const response = new provider.UpdateResponse();
        if (!request.getPreview()) {
            provoke("update", news);
            store(id, request.getType(), news, outputs);
            if (plain(news.initFail) === "update") { throw failure(`${id} did not get ready`, id, outputs); }
        }
        response.setProperties(struct(outputs));
        return response;
    },
    delete(request) {
        log({ method: "delete", urn: request.getUrn(), id: request.getId(), timeout: request.getTimeout() });
        provoke("delete", js(request.getProperties()));
        fs.rmSync(file(request.getId()), { force: true });
        return new Empty();
    },
    invoke(request) {
        const args = js(request.getArgs());
        log({ method: "invoke", token: request.getTok(), args, region: configuration.region });
        const response = new provider.InvokeResponse();
        if (args.reject) {
            const problem = new provider.CheckFailure();
            problem.setProperty("reject");
            problem.setReason("it was told to be rejected");
            response.addFailures(problem);
            return response;
        }
        if (args.fail) { throw failure("the function was told to fail"); }
        const found = args.id && fs.existsSync(file(args.id)) ? JSON.parse(fs.readFileSync(file(args.id), "utf8")).outputs : undefined;
        response.setReturn(struct({ ...args, region: plain(configuration.region) ?? null, package: packageName, ...(found ? { found } : {}) }));
        return response;
    },
    call(request) {
        const args = js(request.getArgs());
        log({ method: "call", token: request.getTok(), args });
        const response = new provider.CallResponse();
        response.setReturn(struct({ said: `${args.greeting} from ${configuration.region ?? "here"}` }));
        return response;
    },
};

const handler = method => (call, callback) => {
    Promise.resolve().then(() => method(call.request)).then(response => callback(null, response), error => callback(error, null, error.metadata));
};
const unimplemented = (_, callback) => callback({ code: grpc.status.UNIMPLEMENTED, details: "not implemented" });
const implementation = Object.fromEntries(Object.keys(services.ResourceProviderService).map(name => [name, methods[name] ? handler(methods[name]) : unimplemented]));
const server = new grpc.Server({ "grpc.max_receive_message_length": -1 });
server.addService(services.ResourceProviderService, implementation);
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) { throw error; }
    console.log(String(port));
});
