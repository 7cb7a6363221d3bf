namespace Reco.Engine.Display;

/// <summary>How operations are written.</summary>
internal static class StepText
{
    /// <summary>The mark of an operation.</summary>
    public static string Mark(string op) => op switch
    {
        "create" or "create-replacement" or "import" => op == "create-replacement" ? "++" : op == "import" ? "= " : "+ ",
        "delete" or "delete-replaced" => op == "delete" ? "- " : "--",
        "update" or "refresh" => "~ ",
        "replace" => "+-",
        "read" or "read-replacement" => "> ",
        "import-replacement" => "=>",
        "discard" => "< ",
        _ => "  ",
    };

    /// <summary>Colour of an operation on a terminal.</summary>
    public static string Colour(string op) => op switch
    {
        "create" or "create-replacement" or "import" => "green",
        "delete" or "delete-replaced" or "discard" => "red",
        "update" => "yellow",
        "replace" => "magenta",
        "read" or "refresh" => "cyan",
        _ => "grey",
    };

    /// <summary>What is going on.</summary>
    public static string Doing(string op) => op switch
    {
        "create" or "create-replacement" => "creating",
        "delete" or "delete-replaced" => "deleting",
        "update" => "updating",
        "replace" => "replacing",
        "read" or "read-replacement" => "reading",
        "refresh" => "refreshing",
        "import" or "import-replacement" => "importing",
        "discard" => "discarding",
        _ => "",
    };

    /// <summary>What has been done, or in a preview what would be.</summary>
    public static string Done(string op, bool planning) => planning ? op : op switch
    {
        "create" => "created",
        "create-replacement" => "created replacement",
        "delete" => "deleted",
        "delete-replaced" => "deleted original",
        "update" => "updated",
        "replace" => "replaced",
        "read" or "read-replacement" => "read",
        "refresh" => "refreshed",
        "import" => "imported",
        "import-replacement" => "imported replacement",
        "discard" => "discarded",
        _ => "",
    };

    /// <summary>Words of the summary, for example <c>3 to create</c>.</summary>
    public static string Count(string op, int count, bool planning) => planning ? $"{count} to {op}" : $"{count} {Done(op, false)}";
}
