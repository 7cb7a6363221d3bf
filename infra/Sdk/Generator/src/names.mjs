// Names as the official C# SDKs have them.

const keywords = new Set(("abstract as base bool break byte case catch char checked class const continue decimal default delegate do double else enum "
    + "event explicit extern false finally fixed float for foreach goto if implicit in int interface internal is lock long namespace new null object "
    + "operator out override params private protected public readonly ref return sbyte sealed short sizeof stackalloc static string struct switch this "
    + "throw true try typeof uint ulong unchecked unsafe ushort using virtual void volatile while").split(" "));

/** A member's C# name: with a capital first letter, and never that of its class. */
export function memberName(wireName, className) {
    const name = wireName.replace(/^\$/, "").replaceAll("-", "_");
    const title = name[0].toUpperCase() + name.slice(1);
    return title === className ? `${title}Value` : title;
}

/** An enumeration member's C# name: the declarations' own, unless every C# type has a member of that name. */
export const enumMemberName = name => name === "Equals" ? "EqualsValue" : name;

/** A constructor parameter's C# name; it is the wire name wherever that is allowed. */
export function parameterName(wireName) {
    const name = wireName.replace(/^\$/, "").replaceAll("-", "_");
    return keywords.has(name) ? `@${name}` : name;
}

/** Namespaces and class names of one package. */
export class Names {
    #list;

    constructor(list) {
        this.#list = list;
    }

    /** Namespace of the resources, functions and enumerations of a module. */
    module(module) {
        return module === "" ? this.#list.namespace : `${this.#list.namespace}.${this.#segment(module)}`;
    }

    /** Namespace of a module's Inputs or Outputs. */
    types(module, side) {
        return this.#list.typesBelowModule
            ? `${this.module(module)}.${side}`
            : `${this.#list.namespace}.Types.${side}.${this.#segment(module)}`;
    }

    /** Namespace of the arguments of a module's resources. */
    arguments(module) {
        return this.#list.typesBelowModule || module === "" ? this.module(module) : this.types(module, "Inputs");
    }

    /** Namespace and class of an input type. */
    input(reference) {
        const { module, name } = split(reference);
        return { namespace: this.types(module, "Inputs"), name: name.endsWith("Args") ? name : `${name}Args` };
    }

    /** Namespace and class of an output type. */
    output(reference) {
        const { module, name } = split(reference);
        return { namespace: this.types(module, "Outputs"), name };
    }

    /** Namespace and struct of an enumeration. */
    enumeration(reference) {
        const { module, name } = split(reference);
        return { namespace: this.module(module), name };
    }

    #segment(module) {
        const segment = this.#list.namespaces[module];
        if (!segment) {
            throw new Error(`module "${module}" has no C# namespace: add it under "namespaces" of the list file`);
        }
        return segment;
    }
}

function split(reference) {
    const parts = reference.split(".");
    const name = parts.pop();
    return { module: parts.join("/"), name };
}
