using System.Reflection;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace Reco.Infra.Tests.Invariants;

/// <summary>Every object of every configuration against the Kubernetes API's models and the custom kinds' fields.</summary>
public sealed class ObjectSchemaTests
{
    private static readonly Dictionary<string, Type> Models = typeof(V1Pod).Assembly.GetTypes()
        .Select(type => (type, entity: type.GetCustomAttribute<KubernetesEntityAttribute>()))
        .Where(pair => pair.entity is not null && typeof(IKubernetesObject).IsAssignableFrom(pair.type) && !pair.type.Name.EndsWith("List", StringComparison.Ordinal))
        .GroupBy(pair => $"{(pair.entity!.Group is { Length: > 0 } group ? group : "core")}/{pair.entity.ApiVersion}:{pair.entity.Kind}")
        .ToDictionary(group => group.Key, group => group.First().type);

    public static TheoryData<string> Names => new(Configurations.All.Keys);

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Objects_OfAnyConfiguration_HaveOnlyFieldsOfTheirKind(string configuration)
    {
        var objects = await RegisteredObjects.RunAsync(Configurations.All[configuration]);
        var problems = objects.All
            .Where(item => RegisteredObjects.KindOf(item.Type) != "Release")
            .SelectMany(item => Check(item.Type, item.Value).Select(problem => $"{item.Type} {item.Name}: {problem}"));
        Assert.Empty(problems);
    }

    [Fact]
    public void Check_WrongFields_NamesPathAndWhatIsAllowed()
    {
        var route = new JsonObject
        {
            ["apiVersion"] = "gateway.networking.k8s.io/v1",
            ["kind"] = "HTTPRoute",
            ["metadata"] = new JsonObject { ["name"] = "r", ["namespace"] = "n" },
            ["spec"] = new JsonObject { ["rules"] = new JsonArray(new JsonObject { ["backendRefs"] = new JsonArray(new JsonObject { ["naem"] = "s", ["weight"] = "1" }) }) },
        };
        var problems = Check("kubernetes:gateway.networking.k8s.io/v1:HTTPRoute", route).ToArray();
        Assert.Contains(problems, problem => problem.StartsWith("spec.rules[0].backendRefs[0].naem: unknown field; allowed:", StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem.StartsWith("spec.rules[0].backendRefs[0].name: required", StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem.Contains("weight: \"1\" is not integer", StringComparison.Ordinal));

        var service = new JsonObject { ["metadata"] = new JsonObject { ["name"] = "s" }, ["spec"] = new JsonObject { ["selektor"] = new JsonObject() } };
        Assert.Contains(Check("kubernetes:core/v1:Service", service), problem => problem.Contains("selektor", StringComparison.Ordinal));
    }

    private static IEnumerable<string> Check(string type, JsonObject value)
    {
        var token = type["kubernetes:".Length..];
        return Models.TryGetValue(token, out var model)
            ? CustomSchema.Model(value, model, "$")
            : CustomSchema.Check(RegisteredObjects.KindOf(type), value);
    }
}
