using System.Globalization;
using Parquet;
using Parquet.Schema;

namespace Reco.Training.Data;

/// <summary>One column of a row group.</summary>
internal abstract class ParquetColumn
{
    private const int MostNumber = 64;

    /// <summary>A reader for a column.</summary>
    /// <exception cref="TrainingException">Its type says neither who, what, when nor how much.</exception>
    public static ParquetColumn Of(DataField field, string file) => field.IsArray ? throw Unreadable(field, file, "lists") : field.ClrType switch
    {
        var type when type == typeof(string) || type == typeof(ReadOnlyMemory<char>) => new Strings(field),
        var type when type == typeof(long) => new Numbers<long>(field),
        var type when type == typeof(ulong) => new Numbers<ulong>(field),
        var type when type == typeof(int) => new Numbers<int>(field),
        var type when type == typeof(uint) => new Numbers<uint>(field),
        var type when type == typeof(short) => new Numbers<short>(field),
        var type when type == typeof(ushort) => new Numbers<ushort>(field),
        var type when type == typeof(sbyte) => new Numbers<sbyte>(field),
        var type when type == typeof(byte) => new Numbers<byte>(field),
        var type when type == typeof(double) => new Numbers<double>(field),
        var type when type == typeof(float) => new Numbers<float>(field),
        var type when type == typeof(decimal) => new Numbers<decimal>(field),
        var type when type == typeof(DateTime) => new Values<DateTime>(field),
        var type when type == typeof(DateOnly) => new Values<DateOnly>(field),
        var type when type == typeof(Guid) => new Values<Guid>(field),
        var type => throw Unreadable(field, file, type.Name.ToLowerInvariant()),
    };

    /// <summary>Reads the column of a row group.</summary>
    public abstract Task LoadAsync(ParquetRowGroupReader rows, CancellationToken cancellation);

    /// <summary>A value as an ID; empty for none.</summary>
    /// <param name="row">Row of the group.</param>
    /// <param name="room">Room for the text of a number; made where it is needed.</param>
    public abstract ReadOnlySpan<char> Text(int row, ref char[]? room);

    /// <summary>A value as Unix seconds; null for none.</summary>
    public abstract long? Time(int row, Place place);

    /// <summary>A value as a number; null for none.</summary>
    public abstract double? Number(int row, Place place);

    private static TrainingException Unreadable(DataField field, string file, string type) => new(
        $"{file}: column {field.Name} holds {type}; IDs can be text, numbers or GUIDs, times text, numbers, dates or timestamps, and values numbers. Write the column as one of these.");

    private static TrainingException Malformed(DataField field, Place place, string value, string expected) =>
        new($"{place}: {field.Name} is \"{DataFile.Shown(value)}\"; it must be {expected}. Mend or remove the row.");

    private sealed class Strings(DataField field) : ParquetColumn
    {
        private string?[] values = [];

        public override async Task LoadAsync(ParquetRowGroupReader rows, CancellationToken cancellation)
        {
            values = new string?[rows.RowCount];
            await rows.ReadAsync(field, values.AsMemory(), null, cancellation).ConfigureAwait(false);
        }

        public override ReadOnlySpan<char> Text(int row, ref char[]? room) => values[row];

        public override long? Time(int row, Place place) => string.IsNullOrEmpty(values[row]) ? null
            : EventTime.TryParse(values[row], out var seconds) ? seconds : throw Malformed(field, place, values[row]!, EventTime.Expected);

        public override double? Number(int row, Place place) => string.IsNullOrEmpty(values[row]) ? null
            : double.TryParse(values[row], NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) ? value
            : throw Malformed(field, place, values[row]!, "a number");
    }

    private class Values<T>(DataField field) : ParquetColumn
        where T : struct, ISpanFormattable
    {
        private T?[] nullable = [];
        private T[] values = [];

        protected DataField Field => @field;

        public override async Task LoadAsync(ParquetRowGroupReader rows, CancellationToken cancellation)
        {
            if (field.IsNullable)
            {
                nullable = new T?[rows.RowCount];
                await rows.ReadAsync<T>(field, nullable.AsMemory(), null, cancellation).ConfigureAwait(false);
                return;
            }

            values = new T[rows.RowCount];
            await rows.ReadAsync<T>(field, values.AsMemory(), null, cancellation).ConfigureAwait(false);
        }

        public override ReadOnlySpan<char> Text(int row, ref char[]? room)
        {
            if (this[row] is not { } value)
            {
                return default;
            }

            room ??= new char[MostNumber];
            return value.TryFormat(room, out var length, default, CultureInfo.InvariantCulture) ? room.AsSpan(0, length) : $"{value}";
        }

        public override long? Time(int row, Place place) => this[row] switch
        {
            null => null,
            DateTime time => EventTime.Seconds(time),
            DateOnly day => EventTime.Seconds(day.ToDateTime(TimeOnly.MinValue)),
            var value => throw Malformed(field, place, $"{value}", EventTime.Expected),
        };

        public override double? Number(int row, Place place) => this[row] is { } value ? throw Malformed(field, place, $"{value}", "a number") : null;

        protected T? this[int row] => field.IsNullable ? nullable[row] : values[row];
    }

    private sealed class Numbers<T>(DataField field) : Values<T>(field)
        where T : struct, System.Numerics.INumber<T>
    {
        public override long? Time(int row, Place place) => Number(row, place) is { } value ? EventTime.Seconds(value) : null;

        public override double? Number(int row, Place place) => this[row] is not { } value ? null
            : double.CreateSaturating(value) is var number && double.IsFinite(number) ? number
            : throw Malformed(Field, place, $"{value}", "a finite number");
    }
}
