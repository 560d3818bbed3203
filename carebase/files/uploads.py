"""An upload handler that limits the size of what is stored."""

from django.core.files.uploadhandler import FileUploadHandler

from carebase.sheets.guard import MAX_FILE_SIZE


class SizeGuard(FileUploadHandler):
    """Runs before Django's own handlers and passes on one chunk beyond the limit, so that forms see the excess."""

    def receive_data_chunk(self, raw_data, start):
        return raw_data if start <= MAX_FILE_SIZE else None

    def file_complete(self, file_size):
        """Leave the file to the next handler."""
