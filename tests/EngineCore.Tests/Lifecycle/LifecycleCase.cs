using System.Globalization;
using CsCheck;
using Reco.Engine.Planning;

namespace Reco.Engine.Tests.Lifecycle;

/// <summary>What kind of thing a generated resource is.</summary>
internal enum ThingKind
{
    Custom,
    Component,
    Provider,
}

/// <summary>One resource of a generated program. Whom it refers to is given by slots of the program; references to a slot
/// that is not there, or does not come earlier, do not count.</summary>
internal sealed record Thing(
    int Slot,
    int Size,
    int Replace,
    int Parent,
    int DependsMask,
    int InputFrom,
    int Provider,
    int DeletedWith,
    bool Renamed,
    bool Protect,
    bool Retain,
    bool? DeleteBeforeReplace,
    bool IgnoreSize)
{
    /// <summary>Slots 0 and 4 are components, slot 1 is a provider; all others are custom resources.</summary>
    public ThingKind Kind => Slot switch { 0 or 4 => ThingKind.Component, 1 => ThingKind.Provider, _ => ThingKind.Custom };

    public string Name => NameOf(Renamed);

    public override string ToString() =>
        $"{Kind} {Name} size={Size} replace={Replace} parent={Parent} depends={DependsMask:b8} from={InputFrom} provider={Provider} in={DeletedWith}"
        + $"{(Protect ? " protect" : "")}{(Retain ? " retain" : "")}{DeleteBeforeReplace switch { true => " dbr", false => " cbr", _ => "" }}{(IgnoreSize ? " ignore" : "")}";

    public string NameOf(bool renamed) => string.Create(CultureInfo.InvariantCulture, $"{(renamed ? "n" : "r")}{Slot}");
}

/// <summary>Faults of the provider: by verb and slot.</summary>
internal enum Fault
{
    None,

    /// <summary>It answers with an error and has done nothing.</summary>
    Refuses,

    /// <summary>It does what it is asked, and says that the resource is not ready.</summary>
    NotReady,

    /// <summary>It does what it is asked and dies before it answers.</summary>
    DiesAfter,

    /// <summary>It dies at once.</summary>
    DiesBefore,
}

/// <summary>One command of a case.</summary>
internal sealed record Round(
    DeploymentKind Kind,
    IReadOnlyList<Thing> Things,
    bool Reversed,
    int TargetMask,
    bool TargetDependents,
    bool Exclude,
    int ReplaceMask,
    bool Refresh,
    bool ContinueOnError,
    IReadOnlyList<(string Verb, int Slot, Fault Fault)> Faults,
    int CrashAt,
    int CancelAt,
    int VanishedSlot)
{
    public override string ToString() => string.Join("\n    ", new[]
    {
        $"{Kind}{(Reversed ? " reversed" : "")}{(TargetMask != 0 ? $" targets={TargetMask:b}" : "")}{(TargetDependents ? " +dependents" : "")}{(Exclude ? " exclude" : "")}"
        + $"{(ReplaceMask != 0 ? $" replace={ReplaceMask:b}" : "")}{(Refresh ? " refresh" : "")}{(ContinueOnError ? " continue" : "")}"
        + $"{(CrashAt > 0 ? $" crash@{CrashAt}" : "")}{(CancelAt > 0 ? $" cancel@{CancelAt}" : "")}{(VanishedSlot >= 0 ? $" vanished={VanishedSlot}" : "")} {string.Join(" ", Faults)}",
    }.Concat(Things.Select(thing => thing.ToString())));
}

/// <summary>Generators of cases.</summary>
internal static class LifecycleGen
{
    public const int Slots = 8;
    private static readonly string[] Verbs = ["create", "update", "delete", "read", "check"];

    private static readonly Gen<Thing> Thing = Gen.Select(
        Gen.Select(Gen.Int[0, 2], Gen.Frequency((5, Gen.Const(0)), (1, Gen.Const(1)))),
        Gen.Select(Gen.Int[-2, Slots - 1], Gen.Int[0, (1 << Slots) - 1], Gen.Int[0, (1 << Slots) - 1]),
        Gen.Select(Gen.Int[-3, Slots - 1], Gen.Frequency((1, Gen.Const(1)), (2, Gen.Const(-1))), Gen.Frequency((1, Gen.Int[0, Slots - 1]), (6, Gen.Const(-1)))),
        Gen.Select(Rarely(6), Rarely(12), Rarely(10), Gen.Frequency((4, Gen.Const((bool?)null)), (1, Gen.Const((bool?)true)), (1, Gen.Const((bool?)false))), Rarely(12)),
        (values, links, others, flags) => new Thing(
            0, values.Item1, values.Item2, links.Item1, links.Item2 & links.Item3, others.Item1, others.Item2, others.Item3, flags.Item1, flags.Item2, flags.Item3, flags.Item4, flags.Item5));

    private static readonly Gen<(string, int, Fault)> FaultGen = Gen.Select(
        Gen.Int[0, Verbs.Length - 1].Select(verb => Verbs[verb]), Gen.Int[0, Slots - 1], Gen.Int[1, 4].Select(fault => (Fault)fault));

    private static readonly Gen<Round> Round = Gen.Select(
        Gen.Frequency((8, Gen.Const(DeploymentKind.Update)), (2, Gen.Const(DeploymentKind.Refresh)), (1, Gen.Const(DeploymentKind.Destroy)), (1, Gen.Const(DeploymentKind.Preview))),
        Gen.Select(Thing.Array[Slots], Gen.Int[0, (1 << Slots) - 1], Gen.Int[0, (1 << Slots) - 1], Rarely(8)),
        Gen.Select(Gen.Frequency((1, Gen.Int[0, (1 << Slots) - 1]), (5, Gen.Const(0))), Gen.Bool, Rarely(4), Gen.Frequency((1, Gen.Int[0, (1 << Slots) - 1]), (9, Gen.Const(0)))),
        Gen.Select(Rarely(5), Gen.Bool, Gen.Frequency((1, Gen.Const(Array.Empty<(string, int, Fault)>())), (1, FaultGen.Array[1, 4]))),
        Gen.Select(Gen.Frequency((2, Gen.Const(0)), (3, Gen.Int[1, 40])), Gen.Frequency((7, Gen.Const(0)), (1, Gen.Int[1, 10])), Gen.Frequency((5, Gen.Const(-1)), (1, Gen.Int[0, Slots - 1]))),
        (kind, program, limits, run, ends) => new Round(
            kind,
            [.. program.Item1.Select((thing, slot) => thing with { Slot = slot }).Where(thing => ((program.Item2 | program.Item3) >> thing.Slot & 1) == 1)],
            program.Item4,
            limits.Item1,
            limits.Item2,
            limits.Item3,
            limits.Item4,
            run.Item1,
            run.Item2,
            run.Item3,
            ends.Item1,
            ends.Item2,
            ends.Item3));

    /// <summary>Cases: up to five commands on one stack.</summary>
    public static readonly Gen<Round[]> Case = Round.Array[1, 5];

    private static Gen<bool> Rarely(int oneIn) => Gen.Int[1, oneIn].Select(value => value == oneIn);
}
