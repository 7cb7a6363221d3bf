using System.Diagnostics.CodeAnalysis;

namespace Pulumi;

/// <summary>An error that the message alone explains: it is shown without a stack trace.</summary>
[SuppressMessage("Design", "CA1032", Justification = "Official API.")]
public class RunException : Exception
{
    /// <summary>An error with a message for the user.</summary>
    public RunException(string message)
        : base(message)
    {
    }

    /// <summary>An error with a message for the user, and its cause.</summary>
    public RunException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The error of outputs that are no Output.</summary>
    public static RunException OutputsHaveIncorrectType(IEnumerable<string> outputAttributeNames)
        => new($"Output(s) '{string.Join(", ", outputAttributeNames)}' have the wrong type: an [Output] property must be an Output<T>.");
}

/// <summary>An error of one resource, shown at the resource.</summary>
[SuppressMessage("Design", "CA1032", Justification = "Official API.")]
public class ResourceException(string message, Resource? resource, bool hideStack = false) : Exception(message)
{
    internal Resource? Resource { get; } = resource;

    internal bool HideStack { get; } = hideStack;
}

/// <summary>A message could not be sent to the engine.</summary>
[SuppressMessage("Design", "CA1032", Justification = "Official API.")]
public class LogException(Exception exception) : Exception("A message could not be sent to the engine: " + exception?.Message, exception);
