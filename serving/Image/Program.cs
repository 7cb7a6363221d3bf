using Reco.Image;

try
{
    switch (args)
    {
        case ["bill", var folder]:
            BillOfMaterials.Write(folder);
            return 0;
        case ["normalise", var from, var to]:
            Console.WriteLine(ImageNormaliser.Normalise(from, to, SourceDate.Read()));
            return 0;
        default:
            Console.Error.WriteLine("usage: Reco.Image bill PUBLISHED-FOLDER | normalise OCI-ARCHIVE OCI-ARCHIVE (times: SOURCE_DATE_EPOCH, or 1970)");
            return 2;
    }
}
catch (Exception error) when (error is IOException or InvalidDataException or UnauthorizedAccessException or System.Text.Json.JsonException)
{
    Console.Error.WriteLine($"error: {error.Message}");
    return 1;
}
