// Drives the engine by the Automation API: with an inline program of this process, or with the program of the folder.
"use strict";
const path = require("path");
const pulumi = require("@pulumi/pulumi");
const automation = require("@pulumi/pulumi/automation");

class Thing extends pulumi.CustomResource {
    constructor(name, args) {
        super("testing:index:Thing", name, { value: undefined, computed: undefined, made: undefined, ...args });
    }
}

const say = text => console.log(text);
const named = async promise => {
    try {
        await promise;
        return "nothing went wrong";
    } catch (error) {
        return error;
    }
};

async function inline(pulumiCommand) {
    const program = async () => {
        const config = new pulumi.Config();
        const first = new Thing("first", { value: config.require("colour") });
        if (config.get("giveUp")) {
            throw new pulumi.RunError("the program gave up on purpose");
        }
        if (config.require("colour") === "green") {
            new Thing("second", { value: first.value });
        }
        return { colour: first.value, token: config.requireSecret("token") };
    };
    const args = { stackName: "life", projectName: "automated", program };
    const options = {
        pulumiCommand,
        workDir: path.join(__dirname, "inline"),
        projectSettings: { name: "automated", runtime: "nodejs", backend: { url: "file://." } },
    };
    say(`no stack yet: ${(await named(automation.LocalWorkspace.selectStack(args, options))).name}`);
    const stack = await automation.LocalWorkspace.createOrSelectStack(args, options);
    say(`already there: ${(await named(automation.LocalWorkspace.createStack(args, options))).name}`);

    await stack.setAllConfig({ colour: { value: "green" }, token: { value: "s3cret", secret: true }, spare: { value: "a=b" } });
    await stack.removeAllConfig(["spare"]);
    const config = await stack.getAllConfig();
    say(`config: ${JSON.stringify(Object.fromEntries(Object.entries(config).map(([key, value]) => [key.split(":")[1], value])))}`);

    say(`preview: ${JSON.stringify((await stack.preview()).changeSummary)}`);
    const events = new Set();
    const kinds = ["preludeEvent", "resourcePreEvent", "resOutputsEvent", "summaryEvent", "cancelEvent"];
    const up = await stack.up({ message: "the first", logVerbosity: 3, logToStdErr: true, color: "never", onEvent: event => kinds.filter(kind => event[kind]).forEach(kind => events.add(kind)) });
    say(`up: ${up.summary.result} ${JSON.stringify(up.summary.resourceChanges)} ${up.summary.environment["exec.kind"]} ${JSON.stringify(up.summary.message)}`);
    say(`outputs: ${JSON.stringify(up.outputs)}`);
    say(`events: ${kinds.filter(kind => events.has(kind)).join()}`);
    say(`again: ${JSON.stringify((await stack.up()).summary.resourceChanges)}`);

    await stack.setConfig("colour", { value: "red" });
    const changed = (await stack.up({ userAgent: "conformance" })).summary;
    say(`changed: ${JSON.stringify(Object.fromEntries(Object.entries(changed.resourceChanges).sort()))}`);
    say(`refreshed: ${(await stack.refresh()).summary.result}`);

    await stack.setConfig("giveUp", { value: "yes" });
    const failure = await named(stack.up());
    say(`program failed: ${failure.name}, ${/the program gave up on purpose/.exec(failure.message)}`);

    say(`exported: ${(await stack.exportStack()).deployment.resources.length} resources`);
    const stacks = await stack.workspace.listStacks();
    say(`stacks: ${stacks.map(entry => `${entry.name} ${entry.resourceCount}`).join()}`);
    await stack.workspace.whoAmI();
    await stack.cancel();
    say("cancelled");
    say(`destroyed: ${JSON.stringify((await stack.destroy()).summary.resourceChanges)}`);
    await stack.workspace.removeStack("life");
    say(`removed: ${(await stack.workspace.listStacks()).length} stacks`);
}

async function local(pulumiCommand) {
    const stack = await automation.LocalWorkspace.createOrSelectStack({ stackName: "life", workDir: __dirname }, { pulumiCommand });
    const up = await stack.up();
    say(`local: ${up.summary.result} ${up.summary.environment["exec.kind"]} ${up.outputs.givenName.value}`);
    const destroyed = await stack.destroy({ remove: true });
    say(`destroyed: ${destroyed.summary.resourceChanges.delete}`);
}

(async () => {
    const pulumiCommand = await automation.PulumiCommand.get({ root: process.env.CONFORMANCE_ROOT });
    say(`version: ${pulumiCommand.version}`);
    require("fs").mkdirSync(path.join(__dirname, "inline"), { recursive: true });
    await (process.argv[2] === "inline" ? inline : local)(pulumiCommand);
})().catch(error => {
    console.error(error);
    process.exitCode = 1;
});
