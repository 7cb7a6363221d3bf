// Plain JavaScript with an asynchronous entry point: what it resolves to are the stack's outputs.
const pulumi = require("@pulumi/pulumi");

module.exports = async () => {
    await new Promise(resolve => setTimeout(resolve, 10));
    const config = new pulumi.Config();
    return {
        text: "plain",
        nothing: undefined,
        nil: null,
        number: 1.5,
        list: [1, [2, { three: pulumi.output(3) }]],
        promised: Promise.resolve({ inner: pulumi.secret("promised-secret") }),
        settings: config.getObject("settings"),
        project: `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`,
        dryRun: pulumi.runtime.isDryRun(),
    };
};
