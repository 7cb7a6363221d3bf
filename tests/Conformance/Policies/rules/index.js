// An official policy pack: a mandatory and an advisory policy, a remediation, a stack policy, and configuration.
const { PolicyPack } = require("@pulumi/policy");

const isThing = type => type === "testing:index:Thing";

new PolicyPack("rules", {
    enforcementLevel: "advisory",
    policies: [
        {
            name: "no-bad-values",
            description: "Values must not be bad.",
            enforcementLevel: "mandatory",
            validateResource: (args, report) => {
                if (isThing(args.type) && args.props.value === "bad") {
                    report(`'${args.name}' is bad; it hides ${args.props.hidden}`);
                }
            },
        },
        {
            name: "no-doubtful-values",
            description: "Values should not be doubtful.",
            validateResource: (args, report) => {
                if (isThing(args.type) && args.props.value === "doubtful") {
                    report(`'${args.name}' is doubtful`);
                }
            },
        },
        {
            name: "colours",
            description: "Everything is green.",
            enforcementLevel: "remediate",
            remediateResource: args => isThing(args.type) && args.props.colour === "red" ? { ...args.props, colour: "green" } : undefined,
        },
        {
            name: "not-too-many",
            description: "A stack is small.",
            enforcementLevel: "mandatory",
            configSchema: { properties: { most: { type: "number", default: 4 } } },
            validateStack: (args, report) => {
                const { most } = args.getConfig();
                const count = args.resources.filter(resource => isThing(resource.type)).length;
                if (count > most) {
                    report(`there are ${count} things, at most ${most} are allowed in a stack of ${args.stackTags.get("team")}`);
                }
            },
        },
    ],
});
