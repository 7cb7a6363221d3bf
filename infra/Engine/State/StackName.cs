namespace Reco.Engine.State;

/// <summary>Name of a stack and of its project.</summary>
/// <param name="Project">Project.</param>
/// <param name="Stack">Stack.</param>
internal sealed record StackName(string Project, string Stack)
{
    /// <summary>The only organisation of self-managed state.</summary>
    public const string Organization = "organization";

    /// <summary>The full name.</summary>
    public string Qualified => $"{Organization}/{Project}/{Stack}";

    /// <summary>Reads <c>stack</c>, <c>project/stack</c> or <c>organization/project/stack</c>.</summary>
    /// <exception cref="EngineException">It is none of these.</exception>
    public static StackName Parse(string text, string project)
    {
        var name = text.Split('/') switch
        {
            [var stack] => new StackName(project, stack),
            [var other, var stack] => new StackName(other == Organization ? project : other, stack),
            [Organization, var other, var stack] => new StackName(other, stack),
            [var organization, _, _] => throw new EngineException($"'{text}': self-managed state has the organization '{Organization}' only, not '{organization}'", 1),
            _ => throw new EngineException($"'{text}' is not a stack name; it is STACK, PROJECT/STACK or {Organization}/PROJECT/STACK", 1),
        };
        return IsLegal(name.Stack) && IsLegal(name.Project) ? name
            : throw new EngineException($"'{text}' is not a stack name: it may have letters, digits, hyphens, underscores and dots, up to 100 of them", 1);
    }

    /// <summary>Whether a stack or a project may be called that.</summary>
    public static bool IsLegal(string part) =>
        part.Length is > 0 and <= 100 && part.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') && part is not ("." or "..");
}
