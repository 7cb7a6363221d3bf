// A neutral form of TypeScript's type nodes: { kind, ... } with kinds text, number, flag, any, asset, list (of), map (of),
// object (path), enum (path) and union (cases). `undefined` and pulumi.Input are peeled off on the way.
import { literal } from "./declarations.mjs";

/** Translates a type node; says also whether the value may be missing. */
export function readType(ts, node) {
    if (ts.isParenthesizedTypeNode(node)) {
        return readType(ts, node.type);
    }
    if (ts.isTypeReferenceNode(node)) {
        const name = entityName(node.typeName);
        if (["pulumi.Input", "pulumi.Output", "Promise"].includes(name)) {
            return readType(ts, node.typeArguments[0]);
        }
        if (name.startsWith("pulumi.asset.")) {
            return { kind: "asset", name: name.slice("pulumi.asset.".length) };
        }
        const [section, ...path] = name.split(".");
        if (section === "inputs" || section === "outputs") {
            return { kind: "object", path: path.join(".") };
        }
        if (section === "enums") {
            return { kind: "enum", path: path.join(".") };
        }
        throw new Error(`the type ${name} is not understood`);
    }
    if (ts.isArrayTypeNode(node)) {
        return { kind: "list", of: readType(ts, node.elementType) };
    }
    if (ts.isTypeLiteralNode(node)) {
        return { kind: "map", of: readType(ts, node.members[0].type) };
    }
    if (ts.isUnionTypeNode(node)) {
        const cases = node.types.filter(type => type.kind !== ts.SyntaxKind.UndefinedKeyword).map(type => readType(ts, type));
        const result = join(cases);
        return cases.length < node.types.length ? { ...result, optional: true } : result;
    }
    if (ts.isLiteralTypeNode(node)) {
        const value = literal(ts, node);
        return { kind: typeof value === "string" ? "text" : "number", constant: value };
    }
    switch (node.kind) {
        case ts.SyntaxKind.StringKeyword: return { kind: "text" };
        case ts.SyntaxKind.NumberKeyword: return { kind: "number" };
        case ts.SyntaxKind.BooleanKeyword: return { kind: "flag" };
        case ts.SyntaxKind.AnyKeyword: return { kind: "any" };
        default: throw new Error(`the type of kind ${ts.SyntaxKind[node.kind]} is not understood`);
    }
}

/** Properties of an interface or class, in order. */
export function readProperties(ts, declaration) {
    return declaration.members
        .filter(member => ts.isPropertySignature(member) || ts.isPropertyDeclaration(member))
        .filter(member => !member.modifiers?.some(modifier => modifier.kind === ts.SyntaxKind.PrivateKeyword || modifier.kind === ts.SyntaxKind.StaticKeyword))
        .map(member => {
            const { optional, ...type } = readType(ts, member.type);
            return { name: member.name.text, type, optional: Boolean(optional || member.questionToken) };
        });
}

/** Calls visit for every object and enumeration inside a type. */
export function visitReferences(type, visit) {
    if (type.kind === "object" || type.kind === "enum") {
        visit(type);
    }
    (type.cases ?? (type.of ? [type.of] : [])).forEach(inner => visitReferences(inner, visit));
}

/** The official C# SDK has one type for either kind of asset, and object for a union of more than two. */
function join(cases) {
    if (cases.length === 1) {
        return cases[0];
    }
    if (cases.every(type => type.kind === "asset")) {
        return { kind: "asset", name: "AssetOrArchive" };
    }
    return cases.length > 2 ? { kind: "any", cases } : { kind: "union", cases };
}

const entityName = name => name.text ?? `${entityName(name.left)}.${name.right.text}`;
