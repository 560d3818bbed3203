"""An upload handler that keeps uploads in memory, up to the size limit of all forms, and never on the disk in plain."""

from django.core.files.uploadhandler import MemoryFileUploadHandler

from carebase.sheets.guard import MAX_FILE_SIZE


class BoundedMemoryUploadHandler(MemoryFileUploadHandler):
    """Drops what one request sends beyond the limit; a file that lost something has a size that every form refuses."""

    def handle_raw_input(self, *args, **kwargs):
        self.activated, self.received = True, 0

    def receive_data_chunk(self, raw_data, start):
        self.received += len(raw_data)
        if self.received <= MAX_FILE_SIZE:
            self.file.write(raw_data)

    def file_complete(self, file_size):
        return super().file_complete(file_size if self.received <= MAX_FILE_SIZE else self.received)
