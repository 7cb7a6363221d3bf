using System.Collections.Immutable;
using System.Globalization;
using Reco.Engine.Planning;
using Reco.Engine.Values;
using Reco.Protocol;

namespace Reco.Engine.Protocol;

/// <summary>A registration while transforms work on it: inputs, options and dependencies.</summary>
internal sealed record RegistrationRequest
{
    /// <summary>Inputs, with outputs where the program sent them.</summary>
    public required PropertyMap Inputs { get; init; }

    /// <summary>Options.</summary>
    public required TransformResourceOptions Options { get; init; }

    /// <summary>URNs that the resource depends on.</summary>
    public ImmutableArray<string> Dependencies { get; init; } = [];

    /// <summary>URNs by input property.</summary>
    public ImmutableSortedDictionary<string, ImmutableArray<string>> PropertyDependencies { get; init; } = ImmutableSortedDictionary<string, ImmutableArray<string>>.Empty;

    /// <summary>Transforms of the resource itself, which its children inherit.</summary>
    public ImmutableArray<Callback> OwnTransforms { get; init; } = [];

    /// <summary>Reads a request.</summary>
    public static RegistrationRequest From(RegisterResourceRequest request, string provider, string assetDirectory)
    {
        var inputs = PropertyDecoder.Decode(request.Object, MarshalOptions.All with { AssetDirectory = assetDirectory });
        ImmutableArray<string> dependencies = [.. request.Dependencies.Distinct(StringComparer.Ordinal)];
        var byProperty = ImmutableSortedDictionary.CreateBuilder<string, ImmutableArray<string>>(StringComparer.Ordinal);
        if (request.PropertyDependencies.Count == 0 && !request.Remote && dependencies.Length > 0)
        {
            // A program that does not say which input depends on what: every one may depend on everything.
            foreach (var name in inputs.Keys)
            {
                byProperty[name] = dependencies;
            }
        }

        foreach (var (name, urns) in request.PropertyDependencies)
        {
            byProperty[name] = [.. urns.Urns.Distinct(StringComparer.Ordinal)];
        }

        return new RegistrationRequest
        {
            Inputs = inputs,
            Options = OptionsOf(request, provider),
            Dependencies = dependencies,
            PropertyDependencies = byProperty.ToImmutable(),
        };
    }

    /// <summary>The registration with the dependencies that transforms have left.</summary>
    /// <param name="rebuilt">True where its values carry all that they depend on; else what they carry is added to what the
    /// program has said.</param>
    public RegistrationRequest WithDependencies(bool rebuilt)
    {
        var byProperty = rebuilt ? ImmutableSortedDictionary.CreateBuilder<string, ImmutableArray<string>>(StringComparer.Ordinal) : PropertyDependencies.ToBuilder();
        foreach (var (name, value) in Inputs)
        {
            byProperty[name] = [.. byProperty.GetValueOrDefault(name, []).Concat(value.OutputDependencies()).Distinct(StringComparer.Ordinal)];
        }

        return this with
        {
            PropertyDependencies = byProperty.ToImmutable(),
            Dependencies = [.. Options.DependsOn.Concat(rebuilt ? byProperty.Values.SelectMany(urns => urns) : []).Distinct(StringComparer.Ordinal)],
        };
    }

    /// <summary>Refuses options that name other resources by anything but a URN.</summary>
    /// <exception cref="EngineException">One does.</exception>
    public void RequireUrns()
    {
        (string Option, IEnumerable<string> Given)[] all =
        [
            ("dependsOn", Dependencies.Concat(PropertyDependencies.Values.SelectMany(urns => urns))),
            ("deletedWith", [Options.DeletedWith]),
            ("replaceWith", Options.ReplaceWith),
            ("aliases", Options.Aliases.Where(alias => alias.AliasCase == Alias.AliasOneofCase.Urn).Select(alias => alias.Urn)),
        ];
        foreach (var (option, given) in all)
        {
            if (given.FirstOrDefault(urn => urn.Length > 0 && !Urn.IsValid(urn) && !Signatures.IsUnknown(urn)) is { } wrong)
            {
                throw new EngineException($"'{wrong}' (option {option}) is no URN; it needs the form urn:pulumi:STACK::PROJECT::TYPE::NAME.", 4);
            }
        }
    }

    /// <summary>The goal of a resource that is not remote.</summary>
    public Goal ToGoal(RegisterResourceRequest request, PropertyMap inputs, string provider, string projectDirectory) => new()
    {
        Type = request.Type,
        Name = request.Name,
        Custom = request.Custom,
        Parent = request.Parent,
        Inputs = inputs,
        Provider = provider,
        Dependencies = Dependencies,
        PropertyDependencies = PropertyDependencies,
        Protect = Options.HasProtect ? Options.Protect : null,
        RetainOnDelete = Options.HasRetainOnDelete ? Options.RetainOnDelete : null,
        DeleteBeforeReplace = Options.HasDeleteBeforeReplace ? Options.DeleteBeforeReplace : null,
        IgnoreChanges = [.. Options.IgnoreChanges],
        ReplaceOnChanges = [.. Options.ReplaceOnChanges],
        HideDiffs = [.. Options.HideDiff],
        AdditionalSecretOutputs = [.. Options.AdditionalSecretOutputs],
        Aliases = [.. Options.Aliases.Select(ToAlias)],
        ImportId = Options.Import,
        Timeouts = Options.CustomTimeouts is { } timeouts ? Durations.Parse(timeouts.Create, timeouts.Update, timeouts.Delete, timeouts.Read) : null,
        DeletedWith = Options.DeletedWith,
        ReplaceWith = [.. Options.ReplaceWith],
        SourcePosition = Position(request.SourcePosition, projectDirectory),
        ReplacementTrigger = Options.ReplacementTrigger is { } trigger
            ? PropertyDecoder.Decode("replacementTrigger", trigger, MarshalOptions.All with { KeepOutputs = false })
            : null,
        Hooks = HookNames(Options.Hooks),
    };

    /// <summary>The request to a provider that makes a remote component; its inputs and providers are filled in later.</summary>
    public ConstructRequest ToConstruct(RegisterResourceRequest request, MonitorRun run)
    {
        var options = run.Deployment.Options;
        var construct = new ConstructRequest
        {
            Project = options.Project,
            Stack = options.Stack,
            Organization = options.Organization,
            DryRun = run.Deployment.Preview,
            Parallel = options.Parallel,
            MonitorEndpoint = run.Address,
            Type = request.Type,
            Name = request.Name,
            Parent = request.Parent,
            DeletedWith = Options.DeletedWith,
        };
        construct.Config.Add(options.Config);
        construct.ConfigSecretKeys.AddRange(options.ConfigSecretKeys);
        construct.Dependencies.AddRange(Dependencies);
        foreach (var (name, urns) in PropertyDependencies)
        {
            construct.InputDependencies[name] = new ConstructRequest.Types.PropertyDependencies { Urns = { urns } };
        }

        construct.Aliases.AddRange(Options.Aliases);
        construct.AdditionalSecretOutputs.AddRange(Options.AdditionalSecretOutputs);
        construct.IgnoreChanges.AddRange(Options.IgnoreChanges);
        construct.ReplaceOnChanges.AddRange(Options.ReplaceOnChanges);
        construct.ReplaceWith.AddRange(Options.ReplaceWith);
        if (Options.HasProtect)
        {
            construct.Protect = Options.Protect;
        }

        if (Options.HasRetainOnDelete)
        {
            construct.RetainOnDelete = Options.RetainOnDelete;
        }

        if (Options.HasDeleteBeforeReplace)
        {
            construct.DeleteBeforeReplace = Options.DeleteBeforeReplace;
        }

        if (Options.ReplacementTrigger is not null)
        {
            construct.ReplacementTrigger = Options.ReplacementTrigger;
        }

        if (Options.Hooks is { } hooks)
        {
            construct.ResourceHooks = ConstructRequest.Types.ResourceHooksBinding.Parser.ParseFrom(Google.Protobuf.MessageExtensions.ToByteArray(hooks));
        }

        if (Options.CustomTimeouts is { } timeouts)
        {
            construct.CustomTimeouts = new ConstructRequest.Types.CustomTimeouts { Create = timeouts.Create, Update = timeouts.Update, Delete = timeouts.Delete, Read = timeouts.Read };
        }

        return construct;
    }

    /// <summary>Where the program registers something, as the state keeps it: <c>project:///path#line,column</c>.</summary>
    public static string Position(SourcePosition? position, string projectDirectory)
    {
        if (position is null || !Uri.TryCreate(position.Uri, UriKind.Absolute, out var uri) || !uri.IsFile)
        {
            return "";
        }

        var relative = Path.GetRelativePath(projectDirectory, uri.LocalPath).Replace('\\', '/');
        var column = position.Column > 0 ? string.Create(CultureInfo.InvariantCulture, $",{position.Column}") : "";
        return string.Create(CultureInfo.InvariantCulture, $"project:///{relative}#{position.Line}{column}");
    }

    private static TransformResourceOptions OptionsOf(RegisterResourceRequest request, string provider)
    {
        var options = new TransformResourceOptions
        {
            Version = request.Version,
            Provider = provider,
            CustomTimeouts = request.CustomTimeouts,
            PluginDownloadUrl = request.PluginDownloadURL,
            DeletedWith = request.DeletedWith,
            Import = request.ImportId,
            Hooks = request.Hooks,
            ReplacementTrigger = request.ReplacementTrigger,
        };
        options.DependsOn.AddRange(request.Dependencies);
        options.IgnoreChanges.AddRange(request.IgnoreChanges);
        options.ReplaceOnChanges.AddRange(request.ReplaceOnChanges);
        options.Aliases.AddRange(request.AliasURNs.Select(urn => new Alias { Urn = urn }));
        options.Aliases.AddRange(request.Aliases);
        options.AdditionalSecretOutputs.AddRange(request.AdditionalSecretOutputs);
        options.Providers.Add(request.Providers);
        options.PluginChecksums.Add(request.PluginChecksums);
        options.HideDiff.AddRange(request.HideDiffs);
        options.ReplaceWith.AddRange(request.ReplaceWith);
        if (request.HasProtect)
        {
            options.Protect = request.Protect;
        }

        if (request.HasRetainOnDelete)
        {
            options.RetainOnDelete = request.RetainOnDelete;
        }

        if (request.DeleteBeforeReplaceDefined || request.DeleteBeforeReplace)
        {
            options.DeleteBeforeReplace = request.DeleteBeforeReplace;
        }

        return options;
    }

    private static ImmutableSortedDictionary<string, ImmutableArray<string>> HookNames(RegisterResourceRequest.Types.ResourceHooksBinding? binding)
    {
        if (binding is null)
        {
            return ImmutableSortedDictionary<string, ImmutableArray<string>>.Empty;
        }

        (string Kind, IEnumerable<string> Names)[] all =
        [
            (HookKinds.BeforeCreate, binding.BeforeCreate), (HookKinds.AfterCreate, binding.AfterCreate),
            (HookKinds.BeforeUpdate, binding.BeforeUpdate), (HookKinds.AfterUpdate, binding.AfterUpdate),
            (HookKinds.BeforeDelete, binding.BeforeDelete), (HookKinds.AfterDelete, binding.AfterDelete),
            (HookKinds.OnError, binding.OnError),
        ];
        return all.Where(entry => entry.Names.Any()).ToImmutableSortedDictionary(entry => entry.Kind, entry => entry.Names.ToImmutableArray(), StringComparer.Ordinal);
    }

    private static AliasSpec ToAlias(Alias alias) => alias.AliasCase == Alias.AliasOneofCase.Urn
        ? new AliasSpec { Urn = alias.Urn }
        : new AliasSpec
        {
            Name = alias.Spec.Name,
            Type = alias.Spec.Type,
            Stack = alias.Spec.Stack,
            Project = alias.Spec.Project,
            ParentUrn = alias.Spec.ParentUrn,
            NoParent = alias.Spec.NoParent,
        };
}
