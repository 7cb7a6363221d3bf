using System.Collections.Immutable;
using System.Text.Json;
using Pulumi;
using Pulumi.Kubernetes.Core.V1;
using Pulumi.Kubernetes.Types.Inputs.Apps.V1;
using Pulumi.Kubernetes.Types.Inputs.Core.V1;
using Pulumi.Kubernetes.Types.Inputs.Meta.V1;
using K8sDeployment = Pulumi.Kubernetes.Apps.V1.Deployment;

namespace Reco.Sdk.Tests.Wire;

/// <summary>Small programs in the manner of Pulumi's examples: each uses one part of the SDK. They use nothing but what the official
/// SDK has too.</summary>
public static class SamplePrograms
{
    /// <summary>All programs by name.</summary>
    public static IReadOnlyDictionary<string, Func<Task<int>>> All { get; } = new Dictionary<string, Func<Task<int>>>
    {
        ["kubernetes"] = () => Pulumi.Deployment.RunAsync(Kubernetes),
        ["values"] = () => Pulumi.Deployment.RunAsync(Values),
        ["options"] = () => Pulumi.Deployment.RunAsync(Options),
        ["components"] = () => Pulumi.Deployment.RunAsync(Components),
        ["references"] = () => Pulumi.Deployment.RunAsync(References),
        ["invokes"] = () => Pulumi.Deployment.RunAsync(Invokes),
        ["config"] = () => Pulumi.Deployment.RunAsync(Configuration),
        ["transformations"] = () => Pulumi.Deployment.RunAsync(
            () => Task.FromResult(Transformations()),
            new StackOptions { ResourceTransformations = { args => new ResourceTransformationResult(args.Args, Tagged(args.Options)) } }),
        ["transforms"] = () => Pulumi.Deployment.RunAsync(Transforms),
        ["package"] = () => Pulumi.Deployment.RunAsync(Package),
        ["stack"] = () => Pulumi.Deployment.RunAsync<SampleStack>(),
    };

    private static Dictionary<string, object?> Kubernetes()
    {
        var labels = new InputMap<string> { ["app"] = "scoring" };
        var provider = new Pulumi.Kubernetes.Provider("cluster", new Pulumi.Kubernetes.ProviderArgs
        {
            Context = "shop",
            EnableServerSideApply = true,
            KubeConfig = "none",
            KubeClientSettings = new Pulumi.Kubernetes.Types.Inputs.Provider.KubeClientSettingsArgs { Burst = 10, Qps = 2.5 },
        });
        var custom = new CustomResourceOptions { Provider = provider };
        var space = new Namespace("shop", new NamespaceArgs { Metadata = new ObjectMetaArgs { Labels = { ["a"] = "b" } } }, custom);
        var secret = new Secret("keys", new SecretArgs
        {
            Metadata = new ObjectMetaArgs { Namespace = space.Metadata.Apply(metadata => metadata.Name) },
            StringData = new InputMap<string> { ["key"] = Output.CreateSecret("hush"), ["plain"] = "open" },
        }, custom);
        var deployment = new K8sDeployment("scoring", new DeploymentArgs
        {
            Spec = new DeploymentSpecArgs
            {
                Replicas = 2,
                Selector = new LabelSelectorArgs { MatchLabels = labels },
                Strategy = new DeploymentStrategyArgs { RollingUpdate = new RollingUpdateDeploymentArgs { MaxUnavailable = 0, MaxSurge = "25%" } },
                Template = new PodTemplateSpecArgs
                {
                    Metadata = new ObjectMetaArgs { Labels = labels },
                    Spec = new PodSpecArgs
                    {
                        Containers =
                        {
                            new ContainerArgs
                            {
                                Name = "scoring",
                                Image = "scoring@sha256:1",
                                Env = { new EnvVarArgs { Name = "KEY", Value = secret.Metadata.Apply(metadata => metadata.Name) } },
                                Ports = { new ContainerPortArgs { ContainerPortValue = 8080 } },
                                ReadinessProbe = new ProbeArgs { HttpGet = new HTTPGetActionArgs { Path = "/ready", Port = "http" } },
                            },
                        },
                    },
                },
            },
        }, custom);
        var service = new Service("scoring", new ServiceArgs
        {
            Spec = new ServiceSpecArgs
            {
                Type = ServiceSpecType.ClusterIP,
                Selector = labels,
                Ports = { new ServicePortArgs { Port = 80, TargetPort = 8080 }, new ServicePortArgs { Port = 81, TargetPort = "http" } },
            },
        }, custom);
        _ = new Pulumi.Kubernetes.Batch.V1.CronJob("nightly", new Pulumi.Kubernetes.Types.Inputs.Batch.V1.CronJobArgs
        {
            Spec = new Pulumi.Kubernetes.Types.Inputs.Batch.V1.CronJobSpecArgs { Schedule = "0 3 * * *", JobTemplate = new Pulumi.Kubernetes.Types.Inputs.Batch.V1.JobTemplateSpecArgs() },
        });
        _ = new Pulumi.Kubernetes.Helm.V3.Release("chart", new Pulumi.Kubernetes.Types.Inputs.Helm.V3.ReleaseArgs
        {
            Chart = "kueue",
            Values = { ["list"] = new[] { 1, 2 }, ["nested"] = new Dictionary<string, object> { ["flag"] = true }, ["out"] = Output.Create("later") },
        });
        _ = new Pulumi.Kubernetes.Helm.V4.Chart("chart4", new Pulumi.Kubernetes.Types.Inputs.Helm.V4.ChartArgs { Chart = "kueue", Namespace = space.Metadata.Apply(metadata => metadata.Name) });
        _ = new InferenceService("served", new InferenceServiceArgs { Spec = new InferenceSpecArgs { Model = space.Id } });
        return new Dictionary<string, object?> { ["namespace"] = space.Metadata, ["deployment"] = deployment.Id, ["service"] = service };
    }

    private static Dictionary<string, object?> Values()
    {
        var first = new Thing("first", new ThingArgs { Text = "one", Number = 1, Flag = true, Level = Level.High, Kind = Kind.Two });
        var unknown = first.Id;
        var second = new Thing("second", new ThingArgs
        {
            Text = Output.Format($"{first.Text}-{unknown}-{Output.CreateSecret("x")}"),
            Number = Output.Create(1.5),
            List = { "a", first.Text.Apply(text => text + "!"), Output.CreateSecret("s") },
            Map = { ["k"] = "v", ["o"] = first.Id },
            Either = "text",
            Nested = new NestedArgs { Deep = Output.CreateSecret("deep"), Maybe = null },
            NestedList = { new NestedArgs { Deep = "1" }, new NestedArgs { Deep = Output.Create("2") } },
            Json = JsonDocument.Parse("""{"a":[1,"b",null,{"c":true}]}""").RootElement,
            Any = ImmutableArray.Create<object>("x", 1, false),
            AsJson = new NestedArgs { Deep = "inside" },
        });
        _ = new Thing("assets", new ThingArgs
        {
            Asset = new StringAsset("hello"),
            Archive = new AssetArchive(new Dictionary<string, AssetOrArchive>
            {
                ["file"] = new FileAsset("./a.txt"),
                ["remote"] = new RemoteAsset("https://example.com/a"),
                ["folder"] = new FileArchive("./folder"),
                ["more"] = new RemoteArchive("https://example.com/a.zip"),
            }),
        });
        _ = new Thing("either", new ThingArgs { Either = 7, Text = Output.Tuple(first.Text, second.Text).Apply(both => both.Item1 + both.Item2) });
        _ = new Thing("all", new ThingArgs
        {
            Text = Output.All(first.Text, second.Text).Apply(texts => string.Join(",", texts)),
            Any = Output.JsonSerialize(Output.Create(new Dictionary<string, object> { ["a"] = 1 })),
        });
        _ = new Thing("resource", new ThingArgs { Any = first, Number = null });
        return new Dictionary<string, object?>
        {
            ["text"] = "plain", ["number"] = 3, ["none"] = null, ["list"] = new[] { "a", "b" }, ["secret"] = Output.CreateSecret("hush"),
            ["unsecret"] = Output.Unsecret(Output.CreateSecret("open")), ["thing"] = second, ["nested"] = new Dictionary<string, object?> { ["out"] = first.Text },
        };
    }

    private static void Options()
    {
        var provider = new SampleProvider("provider", new SampleProviderArgs { Region = "west" });
        var first = new Thing("first", new ThingArgs { Text = "x" }, new CustomResourceOptions { Provider = provider, Protect = true });
        _ = new Thing("second", new ThingArgs(), new CustomResourceOptions
        {
            Parent = first,
            DependsOn = { first },
            DeleteBeforeReplace = true,
            IgnoreChanges = { "text", "map.k" },
            ReplaceOnChanges = { "number" },
            AdditionalSecretOutputs = { "text" },
            RetainOnDelete = true,
            ImportId = "there-already",
            Version = "1.2.3",
            CustomTimeouts = new CustomTimeouts { Create = TimeSpan.FromMinutes(5), Update = TimeSpan.FromSeconds(90), Delete = TimeSpan.FromHours(1) },
            Aliases =
            {
                new Alias { Name = "old" },
                new Alias { Type = "sample:index:Old" },
                new Alias { NoParent = true },
                new Alias { ParentUrn = "urn:pulumi:dev::shop::sample:index:Thing::parent" },
                new Alias { Project = "other", Stack = "stack" },
                new Alias { Urn = "urn:pulumi:dev::shop::sample:index:Thing::whole" },
            },
        });
        _ = new Thing("third", new ThingArgs(), new CustomResourceOptions { DeletedWith = first, PluginDownloadURL = "https://example.com" });
        _ = new Thing("read", first.Id, new CustomResourceOptions { Parent = first });
    }

    private static Dictionary<string, object?> Components()
    {
        var provider = new SampleProvider("provider", new SampleProviderArgs { Region = "west" });
        var group = new Group("group", new ComponentResourceOptions { Providers = { provider }, Aliases = { new Alias { Name = "former" } } });
        var remote = new RemoteGroup("remote", new RemoteGroupArgs { Text = group.Leaf.Id, Thing = group.Leaf, Plain = "x" }, new ComponentResourceOptions { Providers = { provider } });
        return new Dictionary<string, object?> { ["leaf"] = group.Answer, ["remote"] = remote.Text };
    }

    private static async Task<IDictionary<string, object?>> References()
    {
        var other = new StackReference("org/platform/prod");
        var named = new StackReference("platform", new StackReferenceArgs { Name = "org/platform/staging" });
        var details = await other.GetOutputDetailsAsync("token");
        _ = new Thing("user", new ThingArgs
        {
            Text = other.RequireOutput("url").Apply(url => $"{url}/v1"),
            Map = { ["token"] = other.GetOutput("token").Apply(token => (string)token!), ["shown"] = details.SecretValue is null ? "no" : "yes" },
            Number = named.RequireOutput("replicas").Apply(replicas => (double)replicas),
        });
        return new Dictionary<string, object?> { ["missing"] = other.GetOutput("missing"), ["url"] = await other.RequireValueAsync("url") };
    }

    private static async Task<IDictionary<string, object?>> Invokes()
    {
        var first = new Thing("first", new ThingArgs { Text = "x" });
        var plain = await Pulumi.Deployment.Instance.InvokeAsync<Answer>("sample:index:plain", new QuestionArgs { Text = "who", Tags = { "a" } }, new InvokeOptions { Version = "2.0.0" });
        var output = Pulumi.Deployment.Instance.Invoke<Answer>("sample:index:output", new QuestionOutputArgs { Text = first.Text, Tags = { first.Text } });
        var called = Pulumi.Deployment.Instance.Call<Reply>("sample:index:Thing/ask", new AskArgs { Text = first.Text }, first);
        _ = new Thing("second", new ThingArgs { Text = output.Apply(answer => answer.Text), Number = called.Apply(reply => reply.Answer) });
        return new Dictionary<string, object?> { ["plain"] = plain.Text, ["output"] = output.Apply(answer => answer.Tags) };
    }

    private static Dictionary<string, object?> Configuration()
    {
        var config = new Config();
        Log.Info("reading");
        Log.Warn("careful");
        Log.Debug("details");
        _ = new Thing("configured", new ThingArgs
        {
            Text = config.Require("text"),
            Number = config.RequireInt32("number"),
            Flag = config.GetBoolean("flag") ?? false,
            Map = { ["secret"] = config.RequireSecret("secret"), ["other"] = new Config("other").Get("key") ?? "none" },
            Any = config.RequireObject<JsonElement>("object"),
            Json = config.GetObject<JsonElement>("object"),
        });
        return new Dictionary<string, object?>
        {
            ["stack"] = Pulumi.Deployment.Instance.StackName, ["project"] = Pulumi.Deployment.Instance.ProjectName,
            ["organization"] = Pulumi.Deployment.Instance.OrganizationName, ["preview"] = Pulumi.Deployment.Instance.IsDryRun,
        };
    }

    private static IDictionary<string, object?> Transformations()
    {
        var options = new ComponentResourceOptions
        {
            ResourceTransformations =
            {
                args => args.Args is ThingArgs thing ? new ResourceTransformationResult(Renamed(thing), args.Options) : null,
            },
        };
        return new Dictionary<string, object?> { ["answer"] = new Group("group", options).Answer };
    }

    private static void Transforms()
        => _ = new Thing("transformed", new ThingArgs { Text = "before", Map = { ["s"] = Output.CreateSecret("hush") } }, new CustomResourceOptions
        {
            ResourceTransforms =
            {
                (args, _) => Task.FromResult<ResourceTransformResult?>(new ResourceTransformResult(args.Args.SetItem("text", "after"), args.Options)),
            },
        });

    private static void Package()
        => _ = new Parameterised("parameterised");

    private static ThingArgs Renamed(ThingArgs args)
    {
        args.Text = "transformed";
        return args;
    }

    private static ResourceOptions Tagged(ResourceOptions options)
    {
        options.Protect = true;
        return options;
    }
}
