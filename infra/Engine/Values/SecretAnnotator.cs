namespace Reco.Engine.Values;

/// <summary>Carries secretness over to values that come back from a provider that does not speak secrets.</summary>
internal static class SecretAnnotator
{
    /// <summary>Marks as secret what stands under the name of something that is secret in <paramref name="known"/>.
    /// Maps are followed member by member, so that one secret leaf does not hide the whole; a list with a secret in it is
    /// secret as a whole, since its order may not be kept.</summary>
    public static PropertyMap Annotate(PropertyMap values, PropertyMap known) => new(values.Select(entry =>
        known.TryGetValue(entry.Key, out var source) ? new(entry.Key, Annotate(entry.Value, source)) : entry));

    private static PropertyValue Annotate(PropertyValue value, PropertyValue known) => (value, known) switch
    {
        (PropertyValue.MapValue map, PropertyValue.MapValue knownMap) => new PropertyValue.MapValue(Annotate(map.Map, knownMap.Map)),
        (PropertyValue.SecretValue, _) => value,
        _ => known.ContainsSecrets() ? value.AsSecret() : value,
    };

    /// <summary>Gives assets and archives that were sent by hash alone their content back.</summary>
    /// <param name="values">What a provider returned.</param>
    /// <param name="sent">What it was sent, with content.</param>
    public static PropertyMap RestoreAssets(PropertyMap values, PropertyMap sent)
    {
        var known = new Dictionary<string, PropertyValue>(StringComparer.Ordinal);
        foreach (var value in sent.Values)
        {
            PropertyInspection.Rewrite(value, item =>
            {
                switch (item)
                {
                    case PropertyValue.AssetValue asset:
                        known[asset.Hash] = asset;
                        break;
                    case PropertyValue.ArchiveValue archive:
                        known[archive.Hash] = archive;
                        break;
                }

                return null;
            });
        }

        return known.Count == 0 ? values : PropertyInspection.Map(values, value => PropertyInspection.Rewrite(value, item => item switch
        {
            PropertyValue.AssetValue { Text: null, Path: null, Uri: null } asset => known.GetValueOrDefault(asset.Hash),
            PropertyValue.ArchiveValue { Assets: null, Path: null, Uri: null } archive => known.GetValueOrDefault(archive.Hash),
            _ => null,
        }));
    }
}
