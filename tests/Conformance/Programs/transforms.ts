// Transforms over the callback server: of a resource, of a component for its children, of the stack, and of invokes.
import * as pulumi from "@pulumi/pulumi";
import { Group, Thing } from "./testing";

pulumi.runtime.registerResourceTransform(args => args.type === "testing:index:Thing"
    ? { props: { ...args.props, stackwide: `${args.name} by stack`, order: [...(args.props.order ?? []), "stack"] }, opts: args.opts }
    : undefined);
pulumi.runtime.registerInvokeTransform(args => ({ args: { ...args.args, added: "by transform" }, opts: args.opts }));

const source = new Thing("source", { value: 1 });
const group = new Group("group", {
    transforms: [args => args.custom ? { props: { ...args.props, order: [...(args.props.order ?? []), "group"] }, opts: pulumi.mergeOptions(args.opts, { ignoreChanges: ["ignored"] }) } : undefined],
});
const child = new Thing("child", { order: [] }, {
    parent: group,
    transforms: [async args => ({ props: { ...args.props, order: [...args.props.order, "own"], linked: source.computed, hidden: pulumi.secret("by-transform-secret") }, opts: { ...args.opts, protect: false, dependsOn: [source] } })],
});
export const order = (child as any).order;
export const invoked = pulumi.output(pulumi.runtime.invoke("testing:index:echo", { value: 1 }));
