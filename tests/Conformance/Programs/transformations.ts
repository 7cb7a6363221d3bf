// The legacy transformations, which run inside the program.
import * as pulumi from "@pulumi/pulumi";
import { Group, Thing } from "./testing";

pulumi.runtime.registerStackTransformation(args => ({ props: { ...args.props, tag: "stack" }, opts: args.opts }));
const group = new Group("group", {
    transformations: [args => args.type === "testing:index:Thing" ? { props: { ...args.props, group: args.name }, opts: pulumi.mergeOptions(args.opts, { additionalSecretOutputs: ["computed"] }) } : undefined],
});
new Thing("child", { value: 1 }, { parent: group });
