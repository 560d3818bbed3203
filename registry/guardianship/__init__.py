"""Who looks after a child: the present guardianship and its history, entrusted care, the assessment, the alarm."""
