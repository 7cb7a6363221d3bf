using System.Collections.Immutable;
using System.Globalization;
using Pulumi;
using Pulumi.AzureNative.Authorization;
using Pulumi.AzureNative.Consumption;
using Pulumi.AzureNative.Consumption.Inputs;
using Pulumi.AzureNative.Resources;
using Reco.Infra.Configuration;

namespace Reco.Infra.Components.Azure;

/// <summary>Arguments of <see cref="AzureEnvironment"/>.</summary>
internal sealed class AzureEnvironmentArgs : ResourceArgs
{
    /// <summary>Names, tags, region, budget.</summary>
    public required AzureConfig Config { get; init; }
}

/// <summary>Where an environment lives: its resource group, names, tags and region, and a budget that warns.</summary>
internal sealed class AzureEnvironment : ComponentResource
{
    private const string Project = "reco";

    /// <summary>Makes the resource group, a lock on it in production, and the budget.</summary>
    public AzureEnvironment(string name, AzureEnvironmentArgs args, ComponentResourceOptions? options = null)
        : base("reco:azure:Environment", name, options)
    {
        var config = args.Config;
        Name = config.Environment;
        Location = config.Location!;
        Tags = MakeTags(config);
        var group = new ResourceGroup("group", new ResourceGroupArgs { ResourceGroupName = NameOf("rg"), Location = Location, Tags = Tags }, new CustomResourceOptions { Parent = this });
        Group = group.Name;
        GroupId = group.Id;
        if (config.IsProduction)
        {
            _ = new ManagementLockByScope("group-lock", new ManagementLockByScopeArgs
            {
                LockName = "no-delete",
                Scope = group.Id,
                Level = LockLevel.CanNotDelete,
                Notes = "Production: remove this lock first if the environment is to be deleted.",
            }, new CustomResourceOptions { Parent = this });
        }

        if (config.MonthlyBudget > 0)
        {
            MakeBudget(config, group);
        }

        RegisterOutputs(new Dictionary<string, object?> { ["resourceGroup"] = Group });
    }

    /// <summary>Name of the environment.</summary>
    public string Name { get; }

    /// <summary>Region.</summary>
    public string Location { get; }

    /// <summary>Tags of every resource.</summary>
    public ImmutableDictionary<string, string> Tags { get; }

    /// <summary>Name of the resource group, known once it exists.</summary>
    public Output<string> Group { get; }

    /// <summary>ID of the resource group.</summary>
    public Output<string> GroupId { get; }

    /// <summary>The name of a resource: kind, project and environment (https://learn.microsoft.com/azure/cloud-adoption-framework/ready/azure-best-practices/resource-abbreviations).</summary>
    public string NameOf(string kind) => $"{kind}-{Project}-{Name}";

    private static ImmutableDictionary<string, string> MakeTags(AzureConfig config)
    {
        var tags = ImmutableDictionary<string, string>.Empty
            .Add("project", Project)
            .Add("environment", config.Environment)
            .Add("owner", config.Owner!)
            .Add("cost-centre", config.CostCentre!)
            .Add("managed-by", "pulumi");
        return config.Expires is { } expires ? tags.Add("expires", expires) : tags;
    }

    private void MakeBudget(AzureConfig config, ResourceGroup group)
    {
        _ = new Budget("budget", new BudgetArgs
        {
            BudgetName = NameOf("budget"),
            Scope = group.Id,
            Amount = config.MonthlyBudget,
            Category = CategoryType.Cost,
            TimeGrain = TimeGrainType.Monthly,
            // Azure takes the first of the month in which the budget is made, and no earlier one; it is kept once set.
            TimePeriod = new BudgetTimePeriodArgs { StartDate = string.Create(CultureInfo.InvariantCulture, $"{DateTimeOffset.UtcNow:yyyy-MM}-01T00:00:00Z") },
            Notifications =
            {
                ["actual-80"] = Warning(config, 80, ThresholdType.Actual),
                ["forecast-100"] = Warning(config, 100, ThresholdType.Forecasted),
            },
        }, new CustomResourceOptions { Parent = this, IgnoreChanges = { "timePeriod" } });
    }

    private static NotificationArgs Warning(AzureConfig config, double percent, ThresholdType kind) => new()
    {
        Enabled = true,
        Operator = OperatorType.GreaterThan,
        Threshold = percent,
        ThresholdType = kind,
        ContactEmails = [.. config.BudgetEmails],
    };
}
