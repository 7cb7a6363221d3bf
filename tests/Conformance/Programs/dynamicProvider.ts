// Dynamic providers: the provider is code of the program itself, serialised into the resource.
import * as pulumi from "@pulumi/pulumi";
import { config, step } from "./testing";

const letters = "abcdefghijklmnopqrstuvwxyz";
class LetterProvider implements pulumi.dynamic.ResourceProvider {
    private greeting = "";
    async configure(request: pulumi.dynamic.ConfigureRequest) { this.greeting = request.config.get("greeting") ?? "none"; }
    async check(olds: any, news: any) {
        return news.index >= letters.length ? { failures: [{ property: "index", reason: "there are 26 letters" }] } : { inputs: news };
    }
    async diff(id: string, olds: any, news: any) {
        return { changes: olds.index !== news.index || olds.kind !== news.kind, replaces: olds.kind !== news.kind ? ["kind"] : [], deleteBeforeReplace: true };
    }
    async create(inputs: any) { return { id: `letter-${inputs.kind}`, outs: { ...inputs, letter: letters[inputs.index], greeting: this.greeting } }; }
    async update(id: string, olds: any, news: any) { return { outs: { ...news, letter: letters[news.index], greeting: this.greeting } }; }
    async delete() { }
    async read(id: string, props: any) { return { id, props }; }
}

class Letter extends pulumi.dynamic.Resource {
    declare public readonly letter: pulumi.Output<string>;
    declare public readonly greeting: pulumi.Output<string>;
    constructor(name: string, args: { index: pulumi.Input<number>; kind?: string; hidden?: pulumi.Input<string> }, options?: pulumi.CustomResourceOptions) {
        super(new LetterProvider(), name, { letter: undefined, greeting: undefined, kind: "plain", ...args }, options);
    }
}

const first = new Letter("first", { index: step, hidden: pulumi.secret("dynamic-secret") });
const second = new Letter("second", { index: first.letter.apply(letter => letter.charCodeAt(0) - 97), kind: step >= 2 ? "fancy" : "plain" });
if (step === 3) {
    new Letter("wrong", { index: 30 });
}
export const letter = second.letter;
export const greeting = first.greeting;
export const where = config.name;
