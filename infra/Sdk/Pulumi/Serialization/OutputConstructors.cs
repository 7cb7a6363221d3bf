using System.Collections.Concurrent;
using System.Reflection;

namespace Pulumi.Serialization;

/// <summary>Finds the constructor that makes a class of values from its properties.</summary>
internal static class OutputConstructors
{
    private static readonly ConcurrentDictionary<Type, ConstructorInfo?> Found = new();

    /// <summary>The marked constructor, else the only public one, else none.</summary>
    public static ConstructorInfo? Find(Type type)
        => Found.GetOrAdd(type, static t =>
        {
            var all = t.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);
            var open = all.Where(c => c.IsPublic).ToArray();
            return all.FirstOrDefault(c => c.IsDefined(typeof(OutputConstructorAttribute))) ?? (open.Length == 1 ? open[0] : null);
        });
}
