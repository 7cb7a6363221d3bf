using System.Security.Cryptography;
using System.Text;
using Google.Protobuf.WellKnownTypes;
using Reco.Protocol;
using Reco.Providers.AzureNative.Catalog;
using Reco.Providers.AzureNative.Schema;
using Reco.Providers.AzureNative.Wire;

namespace Reco.Providers.AzureNative.Checking;

/// <summary>Answers Check as azure-native does: a name and a location where the program gives none, the API version; then
/// says what is wrong.</summary>
internal sealed class ResourceChecker(Func<string?> defaultLocation, GroupLocations groups)
{
    /// <summary>Input by which azure-native remembers that it chose a name at random: a replacement is then made before
    /// the old resource goes.</summary>
    public const string CreateBeforeDelete = "__createBeforeDelete";

    private const int Digits = 8;

    /// <summary>The completed inputs and the failures.</summary>
    public CheckResponse Check(CheckRequest request)
    {
        var resource = ResourceCatalog.Instance[TypeOf(request.Urn)];
        var inputs = WithoutNulls(request.News);
        SetName(resource, inputs, request);
        SetLocation(resource, inputs, request.Olds);
        if (!Plain.Has(inputs, "azureApiVersion"))
        {
            inputs.Fields["azureApiVersion"] = Value.ForString(resource.ApiVersion);
        }

        groups.Note(resource, inputs);
        return new CheckResponse
        {
            Inputs = inputs,
            Failures = { InputValidator.Validate(resource, inputs).Select(problem => new CheckFailure { Property = problem.Path, Reason = problem.Reason }) },
        };
    }

    /// <summary>The type token at the end of a URN's type part.</summary>
    public static string TypeOf(string urn) => urn.Split("::")[2].Split('$')[^1];

    private static Struct WithoutNulls(Struct? given)
    {
        var result = given?.Clone() ?? new Struct();
        foreach (var key in result.Fields.Keys.Where(key => !Plain.Has(result, key)).ToList())
        {
            result.Fields.Remove(key);
        }

        return result;
    }

    private static void SetName(AzureResource resource, Struct inputs, CheckRequest request)
    {
        if (resource.NameParameter is not { } parameter || resource.Autoname == AutoName.None || Plain.Has(inputs, parameter))
        {
            return;
        }

        if (Plain.Has(request.Olds, parameter))
        {
            inputs.Fields[parameter] = request.Olds.Fields[parameter];
            if (request.Olds.Fields.TryGetValue(CreateBeforeDelete, out var chosen) && chosen.BoolValue)
            {
                inputs.Fields[CreateBeforeDelete] = Value.ForBool(true);
            }

            return;
        }

        if (Choose(resource.Autoname, request) is { } choice)
        {
            inputs.Fields[parameter] = Value.ForString(choice.Name);
            if (choice.IsRandom)
            {
                inputs.Fields[CreateBeforeDelete] = Value.ForBool(true);
            }
        }
    }

    private static (string Name, bool IsRandom)? Choose(AutoName kind, CheckRequest request)
    {
        if (request.Autonaming is { } policy)
        {
            if (policy.Mode == CheckRequest.Types.AutonamingOptions.Types.Mode.Disable)
            {
                return null;
            }

            if (policy.Mode == CheckRequest.Types.AutonamingOptions.Types.Mode.Enforce || kind != AutoName.Uuid)
            {
                return (policy.ProposedName, true);
            }
        }

        var name = request.Urn.Split("::")[^1];
        return kind switch
        {
            AutoName.Copy => (name, false),
            AutoName.Uuid => (new Guid(Random(request, name)[..16]).ToString(), true),
            _ => (name + Convert.ToHexStringLower(Random(request, name))[..Digits], true),
        };
    }

    /// <summary>The engine gives a seed so that a preview and the update after it choose the same name.</summary>
    private static byte[] Random(CheckRequest request, string name) =>
        request.RandomSeed.IsEmpty ? RandomNumberGenerator.GetBytes(32) : SHA256.HashData([.. request.RandomSeed.Span, .. Encoding.UTF8.GetBytes(name)]);

    private void SetLocation(AzureResource resource, Struct inputs, Struct? olds)
    {
        if (!resource.Inputs.Contains("location") || Plain.Has(inputs, "location"))
        {
            return;
        }

        if (Plain.Has(olds, "location"))
        {
            inputs.Fields["location"] = olds!.Fields["location"];
        }
        else if (defaultLocation() is { } location)
        {
            inputs.Fields["location"] = Value.ForString(location);
        }
        else if (inputs.Fields.TryGetValue("resourceGroupName", out var group) && groups.Find(group) is { } inherited)
        {
            inputs.Fields["location"] = inherited;
        }
    }
}
